"""What the brief reads."""
