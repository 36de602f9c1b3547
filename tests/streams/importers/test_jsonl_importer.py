"""Our own events, back from their lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, OrderLine, Purchase, RawEvent, Stage
from resonance.streams.importers.jsonl import read
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Skipped
from resonance.streams.reasons import Reason

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TIMES = st.integers(0, 4_102_444_800_000)
ENVELOPE = {
    "id": NAMES,
    "platform": NAMES,
    "channel": NAMES,
    "occurred_at_ms": TIMES,
    "ingested_at_ms": TIMES,
}
COMMENTS = st.builds(
    Comment,
    **ENVELOPE,
    stream=NAMES,
    viewer_id=NAMES,
    text=st.text(st.characters(exclude_categories=["Cs"])),
    role=st.sampled_from(["viewer", "host", "moderator"]),
    market=st.none() | st.sampled_from(["US", "DE"]),
)
PURCHASES = st.builds(
    Purchase,
    **ENVELOPE,
    stream=st.none() | NAMES,
    order_id=NAMES,
    state=st.sampled_from(["paid", "cancelled", "refunded"]),
    lines=st.lists(
        st.builds(OrderLine, NAMES, st.integers(0, 9), st.integers(0, 10**6)), max_size=2
    ).map(tuple),
    amount_minor=st.integers(0, 10**15),
    currency=st.sampled_from(["USD", "JPY"]),
)
STAGES = st.builds(
    Stage, **ENVELOPE, stream=NAMES, action=st.sampled_from(["started", "ended", "caption"])
)
EVENTS: st.SearchStrategy[RawEvent] = st.one_of(COMMENTS, PURCHASES, STAGES)

LINE = {"kind": "comment", "text": "hi", "viewer_id": "u1", "occurred_at_ms": 7}


def outcomes(*lines, **options):
    return list(read([json.dumps(line).encode() + b"\n" for line in lines], Options(**options)))


@given(st.lists(EVENTS, max_size=5))
def test_events_come_back_as_they_were_written(events):
    assert list(read([encode_raw(event) + b"\n" for event in events], Options())) == events


def test_a_line_written_by_hand_need_not_repeat_the_envelope():
    (event,) = outcomes(LINE, name="my-live")
    assert (event.stream, event.channel, event.platform) == ("my-live", "my-live", "file")
    assert event.ingested_at_ms == event.occurred_at_ms == 7
    assert len(event.id) == 32


def test_an_id_is_the_same_for_the_same_line_and_differs_by_position_and_stream():
    first, second = outcomes(LINE, LINE)
    (again,) = outcomes(LINE)
    (elsewhere,) = outcomes(LINE, stream="other")
    assert first.id == again.id
    assert len({first.id, second.id, elsewhere.id}) == 3


def test_what_is_given_explicitly_wins_over_what_a_line_says():
    line = LINE | {"id": "c1", "stream": "a", "channel": "b", "platform": "c"}
    line |= {"ingested_at_ms": 9, "stream_markets": ["FR"]}
    (event,) = outcomes(line, stream="s", platform="tiktok", markets=("US", "DE"))
    assert (event.stream, event.channel, event.platform) == ("s", "b", "tiktok")
    assert event.stream_markets == ("US", "DE")
    assert (event.id, event.ingested_at_ms) == ("c1", 9)


def test_a_purchase_without_a_stream_keeps_none_unless_one_is_given():
    order = {"kind": "purchase", "order_id": "o1", "state": "paid", "amount_minor": 5}
    order |= {"currency": "USD", "occurred_at_ms": 7}
    assert outcomes(order, name="shop")[0].stream is None
    assert outcomes(order, stream="live-1")[0].stream == "live-1"


@pytest.mark.parametrize(
    ("line", "reason", "at"),
    [
        (b"{", Reason.NOT_JSON, ""),
        (b"nonsense", Reason.NOT_JSON, ""),
        (b"7", Reason.NOT_AN_OBJECT, ""),
        (b'{"kind": "tick"}', Reason.UNKNOWN_KIND, "`kind`"),
        (b'{"kind": "comment", "v": 2}', Reason.UNSUPPORTED_VERSION, "`v` is not 1"),
        (b'{"kind": "comment"}', Reason.MISSING_FIELD, "is missing"),
        (b'{"kind": "comment", "text": 7}', Reason.INVALID_FIELD, "`text`"),
        (b'{"kind": "stage", "action": "x", "occurred_at_ms": 1}', Reason.INVALID_FIELD, "action"),
        (b'{"kind": "comment", "text": "\xff"}', Reason.NOT_UTF8, "byte"),
        (b'{"a": ' * 9 + b"1" + b"}" * 9, Reason.TOO_DEEP, "levels"),
        (b'{"x": "' + b"y" * 2**20 + b'"}', Reason.TOO_LARGE, "1 MiB"),
    ],
)
def test_a_line_that_is_no_event_is_skipped_with_its_reason_and_place(line, reason, at):
    good = json.dumps(LINE).encode()
    first, skipped, last = read([good + b"\n", line + b"\n", good + b"\n"], Options())
    assert isinstance(skipped, Skipped)
    assert (skipped.reason, skipped.line) == (reason, 2)
    assert at in skipped.detail
    assert isinstance(first, Comment)
    assert isinstance(last, Comment)
