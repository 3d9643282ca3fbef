"""Super-user candidates: the daily list, the dossier."""
