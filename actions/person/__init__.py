"""What one person told us and allows: profile, birthday, consent, their data and its erasure."""
