"""The 4V scoreboard: what a stream's totals say of each market, as four scores with evidence."""
