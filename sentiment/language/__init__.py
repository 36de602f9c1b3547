"""Which language a comment is in: a chain of steps, the surest first."""
