"""What develops and demonstrates the project: emulators, a sample shop, packaging."""
