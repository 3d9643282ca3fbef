"""What members say of themselves, and the language of segments."""
