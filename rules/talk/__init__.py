"""By what people are known again."""
