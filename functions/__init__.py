"""One folder a function: a thin entry point each."""
