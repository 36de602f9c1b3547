"""Which pages differ between two replays: come, gone, moved; never those that are the same."""

from resonance.streams.replaying.changes import changed_pages
from resonance.streams.windows import WindowRow, encode_row, window_key

STEP_MS = 10_000


def rows(*spans: tuple[int, int], market: str = "DE", n: int = 20) -> dict[str, bytes]:
    """Return an evening of an hour with 15 of 20 negative in the spans (first, end)."""
    found = {}
    for place in range(360):
        negative = 15 if any(first <= place < end for first, end in spans) else 0
        row = WindowRow(
            stream="live",
            market=market,
            start_ms=place * STEP_MS,
            sentiment={"negative": negative, "neutral": n - negative},
            authors={"1m": {"negative": 9}, "3m": {"negative": 9}},
        )
        found[window_key("live", market, row.start_ms)] = encode_row(row)
    return found


def test_the_same_rows_change_no_page():
    assert changed_pages(rows((60, 72)), rows((60, 72))) == []


def test_a_page_that_only_one_side_sends_is_named_with_its_side():
    [gone] = changed_pages(rows((60, 72)), rows())
    assert (gone.stream, gone.market, gone.after) == ("live", "DE", None)
    [come] = changed_pages(rows(), rows((60, 72)))
    assert (come.before, come.after) == (None, gone.before)


def test_a_page_that_comes_later_is_one_change_and_the_others_are_none():
    [moved] = changed_pages(rows((60, 72), (200, 212)), rows((64, 76), (200, 212)))
    assert moved.before is not None
    assert moved.after is not None
    assert moved.after.since_ms - moved.before.since_ms == 4 * STEP_MS


def test_pages_of_two_markets_are_never_the_same_page():
    changes = changed_pages(rows((60, 72)), rows((60, 72), market="US"))
    assert [(c.market, c.before is None) for c in changes] == [("DE", False), ("US", True)]


def test_a_markets_own_floor_decides_on_both_sides():
    assert changed_pages(rows((60, 72)), rows(), {"DE": 0.99}) == []
