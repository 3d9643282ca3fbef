"""What one person told us and allows; where their data lies."""
