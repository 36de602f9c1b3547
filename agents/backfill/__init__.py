"""Replayed window rows -> series at the times they happened: files for promtool, remote write."""
