"""How markets write and measure: every market with rules has a row, and every row is whole."""

from resonance.sentiment.culture.habits import market_habits
from resonance.sentiment.culture.rules import EVERYWHERE, friction_rules


def test_every_market_with_rules_of_its_own_has_habits() -> None:
    markets = {market for rule in friction_rules().values() for market in rule.markets}
    assert set(market_habits()) == markets - {EVERYWHERE}


def test_amounts_are_written_as_the_market_writes_them() -> None:
    written = {market: row.amount for market, row in market_habits().items()}
    assert (written["DE"], written["US"]) == ("12.345,60 €", "$12,345.60")
    assert written["JP"].endswith("12,346")  # No hundredth of a yen.


def test_amounts_hold_no_invisible_characters() -> None:
    for row in market_habits().values():
        assert row.amount.isprintable()
        assert row.date.isprintable()
