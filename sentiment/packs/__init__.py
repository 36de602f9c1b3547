"""Phrase packs: one file per language, and the emoji; data only, read by `pack`."""
