"""A run's life: opened, begun, delivered, followed, cancelled, set going again, swept."""
