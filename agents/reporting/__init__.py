"""Post-mortems: where a past comes from, and where its report goes."""
