"""Candidates and dossiers."""
