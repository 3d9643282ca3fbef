"""What the house knows: pure values and decisions. No clock, no input or output, no event loop."""
