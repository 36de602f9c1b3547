"""What the demo's viewers write: one file a language, `theme` and `text`, most used first."""
