"""Alertmanager in, people out: pages with the comments behind the number."""
