"""The door for programs: order webhooks, and how the house is."""
