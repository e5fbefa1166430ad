"""What a shop's orders tell: baskets, the counts kept of them, rules, past bundles' grades."""
