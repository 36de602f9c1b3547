"""Where a text gives a person away: one file a way, joined in `resonance.sentiment.privacy`."""
