"""The post-mortem of one stream: what went wrong, where, when, and what would have paged."""
