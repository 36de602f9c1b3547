"""The past from its log: fold it again, and keep what a post-mortem asks for."""
