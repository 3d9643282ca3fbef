"""The library's tables: items of content, what they were before a change, when they were said."""
