"""Orders, goods, imports, check-in."""
