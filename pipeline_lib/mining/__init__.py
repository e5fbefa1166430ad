"""What is bought together: baskets, counts, itemsets, significance, candidates."""
