"""What the team is told: the day at a glance and the morning brief."""
