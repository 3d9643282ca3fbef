"""The pace of a person."""
