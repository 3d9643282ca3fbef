"""What came of what was said: links, responses, reports."""
