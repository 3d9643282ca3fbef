"""Where members stand: figures, levels, tiers, notices, and rehearsing changed rules."""
