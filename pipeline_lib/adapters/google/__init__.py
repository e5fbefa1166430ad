"""The ports on Cloud Storage, Firestore and Pub/Sub; nothing here is opened by importing it."""
