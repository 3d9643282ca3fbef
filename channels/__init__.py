"""The chat networks, one file or folder each; nothing outside this folder knows a network's client."""
