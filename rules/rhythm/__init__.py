"""What a room gets in the course of a week: its slots, what fits into them, polls."""
