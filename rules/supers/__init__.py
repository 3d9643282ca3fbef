"""Who may be a super user."""
