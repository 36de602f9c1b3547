"""CloudEvents: what the envelope gives, what its data says, and what is no event of ours."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.events import Comment, Purchase, Stage
from resonance.streams.importers.cloudevents import read
from resonance.streams.importers.formats import detect
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Skipped

PURCHASE = {
    "kind": "purchase",
    "order_id": "o1",
    "state": "paid",
    "amount_minor": 1_250,
    "currency": "BRL",
    "market": "BR",
}
EVENT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/shops/7",
    "type": "com.example.order",
    "time": "2026-03-03T18:00:04Z",
    "datacontenttype": "application/json",
    "data": PURCHASE,
}
SHOPIFY = {
    "id": 5,
    "financial_status": "paid",
    "line_items": [],
    "total_price": "10.00",
    "currency": "USD",
    "processed_at": "2026-03-03T18:00:04Z",
}
AT_MS = 1_772_560_804_000


def outcomes(*events):
    lines = [json.dumps(event).encode() + b"\n" for event in events]
    return [one.event if isinstance(one, Kinded) else one for one in read(lines, Options())]


def test_the_envelope_gives_its_data_an_id_and_a_time():
    first, again, other = outcomes(EVENT, EVENT, EVENT | {"source": "/shops/8"})
    assert isinstance(first, Purchase)
    assert (first.order_id, first.amount_minor, first.occurred_at_ms) == ("o1", 1_250, AT_MS)
    assert first.id == again.id != other.id


def test_the_datas_own_id_and_time_come_first():
    data = PURCHASE | {"id": "p1", "occurred_at_ms": 5}
    (purchase,) = outcomes(EVENT | {"data": data})
    assert (purchase.id, purchase.occurred_at_ms) == ("p1", 5)
    empty = PURCHASE | {"id": "", "occurred_at_ms": None}
    assert outcomes(EVENT | {"data": empty}) == outcomes(EVENT)


@pytest.mark.parametrize(
    "event",
    [
        EVENT | {"data": json.dumps(PURCHASE)},
        {k: v for k, v in EVENT.items() if k != "data"}
        | {"data_base64": b64encode(json.dumps(PURCHASE).encode()).decode()},
        EVENT
        | {
            "type": "com.example.purchase",
            "data": {k: v for k, v in PURCHASE.items() if k != "kind"},
        },
    ],
)
def test_data_may_be_text_base64_or_named_by_the_type(event):
    assert outcomes(event) == outcomes(EVENT)


def test_an_array_of_events_is_a_batch():
    (line,) = [json.dumps([EVENT, EVENT]).encode()]
    assert len(list(read([line], Options()))) == 2


def test_comments_travel_in_envelopes_too():
    data = {"kind": "comment", "viewer_id": "u", "text": "hi", "stream": "s"}
    (comment,) = outcomes(EVENT | {"data": data})
    assert isinstance(comment, Comment)


def test_data_may_be_an_order_of_shopify():
    (purchase,) = outcomes(EVENT | {"data": SHOPIFY})
    assert (purchase.id, purchase.platform) == ("shopify-5-paid", "shopify")


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"id": ""}, "missing_field", "`id` is missing"),
        ({"source": None}, "missing_field", "`source` is missing"),
        ({"type": 7}, "invalid_field", "`type` is not text"),
        ({"specversion": "0.3"}, "unsupported_version", "`specversion` is not 1.0"),
        ({"data": None}, "not_an_object", "`data`"),
        ({"data": "<order/>"}, "not_json", ""),
        ({"data_base64": "?"}, "invalid_field", "`data_base64` is not base64"),
        ({"data": {"hello": 1}}, "unknown_kind", "`type` and `data` name nothing of ours"),
        ({"data": PURCHASE | {"currency": "R$"}}, "invalid_field", None),
        ({"data": {"kind": "purchase"}}, "missing_field", None),
    ],
)
def test_what_is_no_event_of_ours_says_why(changes, reason, detail):
    (skipped,) = outcomes(EVENT | changes)
    assert skipped.reason == reason
    assert detail is None or skipped.detail == detail


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (EVENT, "cloudevents"),
        (EVENT | {"data": SHOPIFY}, "cloudevents"),
        (SHOPIFY, "shopify"),
        (PURCHASE, "jsonl"),
        ({"comment": json.dumps(EVENT)}, None),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_envelope_is_told_from_what_is_in_it(document, name, indent):
    head = json.dumps(document, indent=indent).encode()
    if not (name == "jsonl" and indent):  # Our own events are one a line.
        assert detect(head) == name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(
    st.dictionaries(st.sampled_from([*EVENT, "data_base64"]), JSON, max_size=3),
    st.sampled_from([PURCHASE, SHOPIFY]),
    st.dictionaries(st.sampled_from([*PURCHASE, "id", "occurred_at_ms", "lines"]), JSON),
)
def test_whatever_stands_in_a_field_each_outcome_is_an_event_or_says_why_not(
    envelope, record, changes
):
    for outcome in outcomes(EVENT | {"data": record | changes} | envelope):
        assert isinstance(outcome, Comment | Purchase | Stage | Skipped)
