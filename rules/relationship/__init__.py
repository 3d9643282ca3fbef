"""Figures, scores, levels, tiers, and rehearsing changed rules."""
