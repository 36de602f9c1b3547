"""Dead letters: as records, as a person looks at them, and sent once more."""
