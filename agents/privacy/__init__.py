"""Viewers as pseudonyms: the keys, and the list of those who are to be forgotten."""
