"""Campaigns and re-homing."""
