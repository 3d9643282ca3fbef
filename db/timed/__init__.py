"""Runs and plans."""
