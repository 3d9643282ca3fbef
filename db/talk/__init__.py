"""Members, rooms, what was said."""
