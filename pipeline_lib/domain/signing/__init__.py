"""What is signed with a key of ours, and whether it still holds; not who may do what."""
