"""Tags, and segments as SQL."""
