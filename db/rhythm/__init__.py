"""The slots of rooms, what was said in them, best sellers, votes."""
