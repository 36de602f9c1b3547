"""The incident finder, on rows made by hand: who stands out, and who does not."""

import pytest

from resonance.streams.incident import find_incident
from resonance.streams.windows import ROOM, WindowRow

START_MS = 1_700_000_000_000


def bucket(
    market: str, number: int, comments: int, complaints: int, topic: str = "shipping"
) -> WindowRow:
    """Return the `number`th bucket of a market with so many unmasked comments and complaints."""
    return WindowRow(
        stream="live",
        market=market,
        start_ms=START_MS + number * 10_000,
        comments=comments,
        sentiment={"neutral": comments},
        signals={"complaint": complaints} if complaints else {},
        complaint_topics={topic: complaints} if complaints else {},
    )


def quiet(market: str, complaints: int = 1) -> list[WindowRow]:
    return [bucket(market, number, 20, complaints) for number in range(6)]


def troubled(market: str, topic: str) -> list[WindowRow]:
    calm = [bucket(market, number, 20, 1, "price") for number in range(3)]
    return calm + [bucket(market, number, 20, 12, topic) for number in range(3, 6)]


@pytest.mark.parametrize(
    ("market", "topic"), [("DE", "customs_tax"), ("US", "shipping"), ("TH", "quality")]
)
def test_the_market_whose_complaints_rose_is_named_with_its_topic(market, topic):
    rows = [*quiet("FR"), *quiet("BR"), *troubled(market, topic)]

    found = find_incident(rows)

    assert found is not None
    assert (found.market, found.topic) == (market, topic)
    assert found.since_ms == START_MS + 30_000
    assert (found.complaints, found.comments) == (36, 60)


@pytest.mark.parametrize(
    ("why", "rows"),
    [
        ("no rows", []),
        ("calm everywhere", [*quiet("DE"), *quiet("FR")]),
        ("high from the start", [*quiet("DE", 12), *quiet("FR")]),
        ("the whole room rose", [*troubled("DE", "price"), *troubled("FR", "price")]),
        ("too few comments", [*quiet("FR"), bucket("DE", 0, 2, 0), bucket("DE", 5, 6, 6)]),
        ("nobody knows which market", [*quiet("FR"), *troubled("unknown", "price")]),
        ("it is the room itself", [*quiet("FR"), *troubled(ROOM, "price")]),
    ],
)
def test_without_evidence_no_market_is_named(why, rows):
    assert find_incident(rows) is None, why


def test_the_order_of_rows_does_not_matter():
    rows = [*quiet("FR"), *troubled("DE", "customs_tax")]

    assert find_incident(rows) == find_incident(reversed(rows))


def test_a_rise_without_a_topic_is_still_named():
    found = find_incident([*quiet("FR"), *troubled("DE", "none")])

    assert found is not None
    assert (found.market, found.topic) == ("DE", "none")
