"""Alert rules over recordings: the rules as Prometheus itself runs them, at the recorded times."""
