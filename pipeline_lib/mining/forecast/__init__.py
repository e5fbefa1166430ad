"""How often pairs will be bought together, from how often they were."""
