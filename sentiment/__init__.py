"""A text in, its score out: language, sentiment, signals, topics, friction. Pure."""
