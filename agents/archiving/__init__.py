"""Where archives lie, and how they are written, read, listed and kept small."""
