"""Questions: what the FAQ answered, and who is looked after by a person."""
