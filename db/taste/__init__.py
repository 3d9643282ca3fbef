"""What is known of tastes, and what was recommended to whom."""
