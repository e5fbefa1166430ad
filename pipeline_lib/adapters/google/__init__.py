"""The ports on Cloud Storage, Firestore and Pub/Sub; importing it opens no connection."""
