"""How good the scores are, by sets of labelled texts. Pure: rows and scores in, figures out."""
