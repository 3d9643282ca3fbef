"""Recommendations: made, said, learned from."""
