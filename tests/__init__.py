"""All tests; folders mirror the code."""
