"""What a shop sells: what each product is and which objective it serves."""
