"""The learned scorer: a hashed n-gram bag and a small transformer, read without torch."""
