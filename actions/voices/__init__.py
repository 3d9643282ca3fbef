"""Who speaks up and who brings others: feedback, shares, invitations."""
