"""Orders and points: what shops tell, what it earns, imports."""
