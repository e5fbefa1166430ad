"""What is deployed, and what packs it; no code that runs in the cloud."""
