"""The verbs of the business. Each takes an open transaction and the time; the door that was knocked at opens it."""
