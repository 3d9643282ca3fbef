"""What plain words hold: feedback, shares, invitations."""
