"""Handles, merges, parting."""
