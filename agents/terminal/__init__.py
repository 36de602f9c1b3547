"""What several commands write on a terminal, or read from it."""
