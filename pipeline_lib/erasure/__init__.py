"""What privacy webhooks ask for, done on every store; how they come is said elsewhere."""
