"""What markets expect, as data: laws, habits and taboos that explain where buying goes wrong.

`friction_rules.csv` holds a rule a row: what is expected, in which markets, in which words it
comes up, and how well it is known: the kind of evidence, its source and date, our confidence, and
whether that source was read (`verified`). `rules` reads it; `explain` finds the rules of a comment.
"""
