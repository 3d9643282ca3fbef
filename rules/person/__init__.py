"""The profile and its answers."""
