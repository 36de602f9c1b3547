"""A sentiment model of the user's own: any Hugging Face text classifier, by the `torch` extra."""
