"""The smallest environment that the interface starts in."""

ENVIRON = {
    "BUNDLECHAIN_SHOPIFY_CLIENT_ID": "app-key",
    "BUNDLECHAIN_SHOPIFY_CLIENT_SECRET": "app-secret-0123456789-0123456789-0123",
    "BUNDLECHAIN_ADMIN_KEY": "admin-key-0123456789",
    "BUNDLECHAIN_OPERATOR_KEY": "operator-key-0123456789",
    "BUNDLECHAIN_VIEWER_KEY": "viewer-key-0123456789",
    "BUNDLECHAIN_CORS_ORIGINS": "https://app.example.com",
    "BUNDLECHAIN_TRUSTED_HOSTS": "localhost",
    "BUNDLECHAIN_CLOCK_ACCOUNT": "clock@example.com",
    "BUNDLECHAIN_CLOCK_AUDIENCE": "https://api.example.com",
}
