"""The library 素材库: files and chat make it, members give to it; whoever says something takes it from here."""
