"""Who of the team gets whom in the morning."""
