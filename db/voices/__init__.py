"""Feedback, referrals, shares."""
