"""Replays of a log: where it comes from, at which pace, and where its rows go."""
