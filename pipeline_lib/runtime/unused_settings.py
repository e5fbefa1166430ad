"""Variables that systems like this one often have and this one does not use, each with the reason.

A name that nobody else would set is refused everywhere. A general one is refused where this is
deployed, whose environment is Terraform's alone: a developer's shell holds it for other programs.
"""

DEPLOYED = "K_SERVICE"  # which Cloud Run sets, and nobody else

_TIME = "a phase has its own timeout_s in topology.json, and PROCESSING_TIMEOUT_MINUTES ends a run"
_DATABASE = "documents are kept in the project's Firestore, or in a folder"
_TEXTS = "no language model is called"

UNUSED = {
    "BUNDLE_GENERATION_HARD_TIMEOUT_ENABLED": _TIME,
    "BUNDLE_GENERATION_TIMEOUT_SECONDS": _TIME,
    "BUNDLE_GENERATION_SOFT_WATCHDOG_SECONDS": _TIME,
}
UNUSED_WHERE_DEPLOYED = {
    "DATABASE_URL": _DATABASE,
    "DB_HOST": _DATABASE,
    "DB_NAME": _DATABASE,
    "DB_PASSWORD": _DATABASE,
    "DB_PORT": _DATABASE,
    "DB_USER": _DATABASE,
    "INSTANCE_UNIX_SOCKET": _DATABASE,
    "INIT_DB_ON_STARTUP": "documents need no schema",
    "SESSION_SECRET": "there are no sessions; each call brings its token",
    "ADMIN_API_KEY": "operators' keys are BUNDLECHAIN_ADMIN_KEY and its like",
    "CORS_ORIGINS": "the pages that may call are in BUNDLECHAIN_CORS_ORIGINS",
    "NODE_ENV": "environments differ by their settings alone",
    "OPENAI_API_KEY": _TEXTS,
    "AI_COPY_MODEL": _TEXTS,
    "MAX_ITERATIONS": _TEXTS,
    "POLL_INTERVAL_MS": "each answer says in poll_after_ms when to ask again",
}
