"""Campaigns: content for many people, and those whom only a lost account could reach."""
