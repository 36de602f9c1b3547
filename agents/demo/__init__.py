"""The demo: a scripted cross-border stream, and the command that plays it.

Everything in it was made up by us: the seller, the people, the products and the words.
"""
