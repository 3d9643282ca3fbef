"""Who speaks to us and where: hearing, recognising people, rooms and accounts, and noticing what plain talk holds."""
