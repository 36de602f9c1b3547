"""The read side: `windows` -> /metrics, the live page and its JSON; its own process."""
