"""What `resonance doctor` looks at: one file for each kind of thing, each answering findings."""
