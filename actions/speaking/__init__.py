"""What we say: the outbox, the senders at a person's pace, the breaker, and sends in doubt."""
