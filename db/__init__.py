"""What the house remembers: one write path for both databases, the models, their migrations and the ledger."""
