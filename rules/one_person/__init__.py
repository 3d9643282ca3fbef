"""Handles, and what a merge decides."""
