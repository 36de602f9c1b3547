"""Whatever the bytes, decoding returns an event or says what is wrong, and never repeats them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.codec import (
    MAX_EVENT_BYTES,
    Rejection,
    decode_log,
    decode_raw,
    encode_raw,
    json_depth,
)
from resonance.streams.events import Comment, OrderLine, Purchase, Stage
from resonance.streams.reasons import Reason

GOOD = {
    "v": 1,
    "kind": "comment",
    "id": "c1",
    "platform": "youtube",
    "channel": "shop",
    "stream": "live",
    "occurred_at_ms": 1_700_000_000_000,
    "ingested_at_ms": 1_700_000_000_500,
    "viewer_id": "UC1",
    "text": "how much is shipping?",
}


def changed(**changes: object) -> bytes:
    return msgspec.json.encode(GOOD | changes)


def without(field: str) -> bytes:
    return msgspec.json.encode({k: v for k, v in GOOD.items() if k != field})


BAD = [
    (None, Reason.EMPTY, ""),
    (b"", Reason.EMPTY, ""),
    (changed(text="x" * MAX_EVENT_BYTES), Reason.TOO_LARGE, "bytes, at most 65536"),
    (b"\xff\xfe\x00", Reason.NOT_UTF8, "byte 0"),
    (b'{"kind":"\xff"}', Reason.NOT_UTF8, "byte 9"),
    (b"[" * 60_000, Reason.TOO_DEEP, "more than 8 levels"),
    (changed(extra=[[[[[[[[1]]]]]]]]), Reason.TOO_DEEP, "more than 8 levels"),
    (b"hello", Reason.NOT_JSON, ""),
    (changed()[:-2], Reason.NOT_JSON, ""),
    (changed() + b"}", Reason.NOT_JSON, ""),
    (b'{"occurred_at_ms": NaN}', Reason.NOT_JSON, ""),
    (b"1e400", Reason.NOT_JSON, ""),
    (b"[1, 2]", Reason.NOT_AN_OBJECT, ""),
    (b"null", Reason.NOT_AN_OBJECT, ""),
    (b"{}", Reason.UNKNOWN_KIND, "`kind`"),
    (changed(kind="like"), Reason.UNKNOWN_KIND, "`kind`"),
    (changed(kind="tick"), Reason.UNKNOWN_KIND, "`kind`"),
    (changed(kind=7), Reason.UNKNOWN_KIND, "`kind`"),
    (changed(v=2), Reason.UNSUPPORTED_VERSION, "`v` is not 1"),
    (changed(v=2, text=5), Reason.UNSUPPORTED_VERSION, "`v` is not 1"),
    (without("text"), Reason.MISSING_FIELD, "`text` is missing"),
    (without("viewer_id"), Reason.MISSING_FIELD, "`viewer_id` is missing"),
    (changed(text=5), Reason.INVALID_FIELD, "`text`: Expected `str`, got `int`"),
    (changed(id=""), Reason.INVALID_FIELD, "`id`: Expected `str` of length >= 1"),
    (changed(market="usa"), Reason.INVALID_FIELD, "`market`"),
    (changed(role="king"), Reason.INVALID_FIELD, "`role`: none of the known values"),
    (changed(occurred_at_ms="now"), Reason.INVALID_FIELD, "`occurred_at_ms`: Expected `int`"),
    (changed(occurred_at_ms=-1), Reason.INVALID_FIELD, "`occurred_at_ms`"),
    (changed(stream_markets=["US", "x"]), Reason.INVALID_FIELD, "`stream_markets[1]`"),
    (changed(stream_markets=["US", "de"]), Reason.INVALID_FIELD, "`stream_markets`: expected cap"),
    (changed(stream_markets=["US", "Ä1"]), Reason.INVALID_FIELD, "`stream_markets`: expected cap"),
    (changed(stream_languages=["EN"]), Reason.INVALID_FIELD, "`stream_languages`: expected small"),
    (changed(market="us"), Reason.INVALID_FIELD, "`market`: expected capital letters, as in US"),
]


@pytest.mark.parametrize(("value", "reason", "at"), BAD)
def test_a_bad_record_is_rejected_with_its_reason_and_its_field(value, reason, at):
    rejection = decode_raw(value)

    assert isinstance(rejection, Rejection)
    assert rejection.reason == reason
    assert at in rejection.at


@pytest.mark.parametrize(
    "value",
    [
        changed(),
        changed(extra={"anything": [1, 2]}),
        without("v"),
        changed(text="[[[[[[[[[[{{{{{{{{{{"),
        changed(market="US", stream_markets=["US", "DE"], stream_languages=["en", "de"]),
    ],
)
def test_a_good_record_is_an_event_even_with_fields_we_do_not_know(value):
    assert isinstance(decode_raw(value), Comment)


def test_a_rejection_never_repeats_a_value_of_the_record():
    secret = "call-me-0812345678"
    for field in GOOD:
        for value in (secret, [secret], {secret: secret}):
            rejection = decode_raw(changed(**{field: value}))
            assert secret not in getattr(rejection, "at", ""), field


@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise(value):
    assert isinstance(decode_raw(value), Rejection)
    assert isinstance(decode_log(value), Rejection)


@given(st.data())
def test_no_damage_to_a_good_record_raises(data):
    value = bytearray(changed())
    for _ in range(data.draw(st.integers(1, 4))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))

    decode_raw(bytes(value))
    decode_log(bytes(value))


ENVELOPE = {
    "id": st.text(min_size=1, max_size=20),
    "platform": st.sampled_from(["youtube", "tiktok"]),
    "channel": st.text(min_size=1, max_size=20),
    "occurred_at_ms": st.integers(0, 4_000_000_000_000),
    "ingested_at_ms": st.integers(0, 4_000_000_000_000),
}
NAMES = st.text(min_size=1, max_size=20)
EVENTS = st.one_of(
    st.builds(Comment, **ENVELOPE, stream=NAMES, viewer_id=NAMES, text=st.text(max_size=200)),
    st.builds(
        Purchase,
        **ENVELOPE,
        stream=st.none() | NAMES,
        order_id=NAMES,
        state=st.sampled_from(["paid", "cancelled", "refunded"]),
        lines=st.lists(
            st.builds(
                OrderLine, product=NAMES, units=st.integers(0, 9), amount_minor=st.integers(0, 99)
            ),
            max_size=2,
        ).map(tuple),
        amount_minor=st.integers(0, 10**12),
        currency=st.sampled_from(["USD", "JPY"]),
    ),
    st.builds(Stage, **ENVELOPE, stream=NAMES, action=st.sampled_from(["started", "caption"])),
)


@given(EVENTS)
def test_every_event_comes_back_as_it_was_sent(event):
    value = encode_raw(event)

    assert decode_raw(value) == event
    assert b'"v":1' in value


@pytest.mark.parametrize(
    ("value", "depth"),
    [(b"1", 0), (b"{}", 1), (b'{"a":[1,[2]]}', 3), (b'{"[[[":"]]\\"[["}', 1), (b"]]][", 0)],
)
def test_depth_counts_brackets_outside_strings(value, depth):
    assert json_depth(value) == depth
