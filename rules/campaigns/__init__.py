"""Campaigns: content for many people."""
