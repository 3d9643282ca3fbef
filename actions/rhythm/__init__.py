"""A room's week: planning its slots, choosing what stands there, saying it, polls, taking it back."""
