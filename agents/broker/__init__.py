"""The broker: the link to it, our topics there, what may be done, and batches in and out."""
