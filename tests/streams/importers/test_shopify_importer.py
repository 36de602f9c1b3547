"""Shopify's orders, refunds and checkouts: what each becomes, and what never counts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.events import OrderLine, Purchase
from resonance.streams.importers.load import events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Skipped
from resonance.streams.importers.pieces import pieces_of
from resonance.streams.importers.shopify import read, recognises
from resonance.streams.reasons import Reason

ORDER = {
    "id": 450789469,
    "created_at": "2026-03-03T19:00:05+01:00",
    "processed_at": "2026-03-03T19:00:04+01:00",
    "updated_at": "2026-03-03T19:30:00+01:00",
    "cancelled_at": None,
    "currency": "EUR",
    "total_price": "409.94",
    "financial_status": "paid",
    "landing_site": "/products/lamp?utm_source=live&utm_medium=chat",
    "source_name": "web",
    "test": False,
    "note_attributes": [{"name": "gift", "value": "yes"}],
    "shipping_address": {"country_code": "DE"},
    "billing_address": {"country_code": "AT"},
    "line_items": [
        {
            "id": 1,
            "product_id": 632910392,
            "sku": "LAMP-R",
            "quantity": 2,
            "price": "199.00",
            "discount_allocations": [{"amount": "10.00"}],
        }
    ],
    "refunds": [],
}
REFUND = {
    "id": 509562969,
    "order_id": 450789469,
    "created_at": "2026-03-03T19:20:00+01:00",
    "refund_line_items": [
        {"quantity": 1, "line_item": {"product_id": 632910392, "quantity": 2, "price": "199.00"}}
    ],
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "209.00", "currency": "EUR"},
        {"kind": "refund", "status": "failure", "amount": "50.00", "currency": "EUR"},
    ],
}
PAID_MS = 1_772_560_804_000


def outcomes(*documents, **options):
    lines = [json.dumps(one).encode() + b"\n" for one in documents]
    return [
        one.event if isinstance(one, Kinded) else one for one in read(lines, Options(**options))
    ]


def order(**changes):
    return ORDER | changes


def test_a_paid_order_is_a_purchase_in_minor_units_at_the_time_and_place_it_was_paid():
    (purchase,) = outcomes(ORDER, name="shop")
    assert purchase == Purchase(
        id="shopify-450789469-paid",
        platform="shopify",
        channel="shop",
        occurred_at_ms=PAID_MS,
        ingested_at_ms=PAID_MS,
        order_id="450789469",
        state="paid",
        lines=(OrderLine("632910392", 2, 38_800),),
        amount_minor=40_994,
        currency="EUR",
        market="DE",
        source="live",
    )


@pytest.mark.parametrize("wrapped", [{"order": ORDER}, {"orders": [ORDER]}, [ORDER]])
def test_an_order_is_the_same_in_the_wrapper_of_the_api(wrapped):
    assert outcomes(wrapped) == outcomes(ORDER)


@pytest.mark.parametrize("indent", [None, 2])
def test_documents_may_be_lines_or_pretty_printed_one_after_another(indent):
    text = "\n".join(json.dumps(order(id=n), indent=indent) for n in (1, 2, 3))
    found = list(read(text.encode().splitlines(keepends=True), Options()))
    assert [one.event.order_id for one in found] == ["1", "2", "3"]


def test_an_order_cut_short_costs_only_itself():
    lines = [json.dumps(order(id=n)).encode() + b"\n" for n in (1, 2, 3)]
    lines[1] = lines[1][:200].rstrip(b", ") + b"\n"
    found = list(read(lines, Options()))
    assert [getattr(one, "reason", None) for one in found] == [None, Reason.NOT_JSON, None]
    assert found[1].line == 2


@pytest.mark.parametrize(
    ("currency", "total_price", "amount_minor"),
    [("JPY", "1980", 1_980), ("KWD", "1.234", 1_234), ("usd", "0.00", 0), ("IDR", 15.5, 1_550)],
)
def test_amounts_are_in_minor_units_of_the_orders_currency(currency, total_price, amount_minor):
    (purchase,) = outcomes(order(currency=currency, total_price=total_price, line_items=[]))
    assert (purchase.amount_minor, purchase.currency) == (amount_minor, currency.upper())


@pytest.mark.parametrize("status", ["authorized", "paid", "partially_paid", "partially_refunded"])
def test_an_order_counts_once_its_money_is_secured(status):
    (purchase,) = outcomes(order(financial_status=status))
    assert purchase.state == "paid"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (order(financial_status="pending"), "unpaid order"),
        (order(financial_status=None), "unpaid order"),
        (order(test=True), "test order"),
        ({"checkout": ORDER}, "checkout"),
        ({k: v for k, v in ORDER.items() if k != "financial_status"}, "checkout"),
        ({"kind": "sale", "gateway": "x", "amount": "1.00", "order_id": 1}, "transaction"),
        (REFUND | {"transactions": []}, "empty refund"),
    ],
)
def test_what_brought_no_money_is_named_and_not_counted(document, kind):
    (skipped,) = outcomes(document)
    assert (skipped.reason, skipped.kind) == ("not_paid", kind)


def test_a_cancelled_order_is_its_sale_and_what_the_refunds_do_not_tell_of_the_cancellation():
    cancelled_at = "2026-03-03T19:25:00+01:00"
    sale, cancelled, refund = outcomes(
        order(cancelled_at=cancelled_at, financial_status="partially_refunded", refunds=[REFUND])
    )
    assert [one.state for one in (sale, cancelled, refund)] == ["paid", "cancelled", "refunded"]
    assert cancelled.amount_minor + refund.amount_minor == sale.amount_minor
    assert (cancelled.id, cancelled.market) == ("shopify-450789469-cancelled", "DE")
    assert cancelled.occurred_at_ms == PAID_MS + 25 * 60_000 - 4_000


def test_an_order_cancelled_before_it_was_paid_takes_back_nothing():
    (cancelled,) = outcomes(
        order(cancelled_at="2026-03-03T19:25:00+01:00", financial_status="pending")
    )
    assert (cancelled.state, cancelled.amount_minor) == ("cancelled", 0)


def test_an_authorisation_that_was_voided_is_a_sale_taken_back():
    sale, cancelled = outcomes(order(financial_status="voided"))
    assert (cancelled.state, cancelled.amount_minor) == ("cancelled", sale.amount_minor)


def test_a_refund_counts_what_went_back_and_is_the_same_alone_and_within_its_order():
    (alone,) = outcomes(REFUND)
    _, within = outcomes(order(refunds=[REFUND]))
    assert alone.id == within.id == "shopify-refund-509562969"
    assert alone.order_id == within.order_id == "450789469"
    assert alone.amount_minor == within.amount_minor == 20_900
    assert (alone.state, alone.currency) == ("refunded", "EUR")
    assert alone.lines == (OrderLine("632910392", 1, 19_900),)


def test_a_shop_may_note_whose_order_it_is():
    noted = [
        {"name": "resonance_viewer", "value": "UC123"},
        {"name": "stream", "value": "live-7"},
        {"name": "resonance_platform", "value": "youtube"},
        {"name": "viewer_id", "value": "x" * 300},
    ]
    (purchase,) = outcomes(order(note_attributes=noted))
    assert purchase.viewer_id == "UC123"
    assert (purchase.stream, purchase.platform) == ("live-7", "youtube")


def test_no_customer_becomes_a_viewer_by_himself():
    customer = {"id": 207119551, "email": "bob@example.com"}
    (purchase,) = outcomes(order(customer=customer, email="bob@example.com"))
    assert purchase.viewer_id is None
    assert "bob" not in repr(purchase)


@pytest.mark.parametrize(
    ("changes", "market"),
    [
        ({}, "DE"),
        ({"shipping_address": None}, "AT"),
        ({"shipping_address": {"country_code": None}}, "AT"),
        ({"shipping_address": None, "billing_address": None}, None),
        ({"shipping_address": {"country_code": "Deutschland"}, "billing_address": 5}, None),
    ],
)
def test_the_market_is_where_the_goods_go_else_where_the_bill_goes(changes, market):
    (purchase,) = outcomes(order(**changes))
    assert purchase.market == market


@pytest.mark.parametrize(
    ("landing_site", "source_name", "source"),
    [
        ("/x?utm_source=tiktok", "web", "tiktok"),
        ("http://www.example.com?source=abc", "web", "abc"),
        ("/", "web", "web"),
        ("/?utm_source=a%20b", "pos", "pos"),
        ("http://[", "web", "web"),
        (None, None, None),
        (7, 580111, None),
    ],
)
def test_the_source_is_the_link_that_led_to_the_shop_else_the_sales_channel(
    landing_site, source_name, source
):
    (purchase,) = outcomes(order(landing_site=landing_site, source_name=source_name))
    assert purchase.source == source


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"total_price": None}, Reason.MISSING_FIELD, "total_price"),
        ({"total_price": "9,50"}, Reason.INVALID_FIELD, "total_price"),
        ({"total_price": "-1.00"}, Reason.INVALID_FIELD, "total_price"),
        ({"currency": None}, Reason.MISSING_FIELD, "currency"),
        ({"currency": "EURO"}, Reason.INVALID_FIELD, "currency"),
        ({"id": None}, Reason.MISSING_FIELD, "id"),
        ({"id": True}, Reason.MISSING_FIELD, "id"),
        ({"processed_at": "soon"}, Reason.INVALID_FIELD, "processed_at"),
        ({"processed_at": None, "created_at": None}, Reason.MISSING_FIELD, "created_at"),
    ],
)
def test_an_order_that_cannot_be_used_says_which_field_is_at_fault(changes, reason, detail):
    (skipped,) = outcomes(order(**changes))
    assert (skipped.reason, skipped.detail) == (reason, f"`{detail}`")


def test_a_line_that_cannot_be_used_does_not_cost_the_order():
    lines = [{"quantity": 1}, {"product_id": 1, "quantity": -1, "price": "1"}, 7]
    (purchase,) = outcomes(order(line_items=lines))
    assert (purchase.lines, purchase.amount_minor) == ((), 40_994)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(
    st.sampled_from([ORDER, REFUND]),
    st.dictionaries(st.sampled_from([*ORDER, *REFUND]), JSON, min_size=1, max_size=6),
)
def test_whatever_stands_in_a_field_each_outcome_is_a_purchase_or_says_why_not(record, changes):
    for outcome in outcomes(record | changes):
        assert isinstance(outcome, Purchase | Skipped)


@given(st.binary(max_size=200), st.integers(0, 600))
def test_whatever_the_bytes_nothing_is_raised(noise, at):
    text = json.dumps(order(refunds=[REFUND]), indent=1).encode()
    broken = text[:at] + noise + text[at + len(noise) :]
    recognises(broken)
    list(read((b"{" + broken).splitlines(keepends=True), Options()))


@pytest.mark.parametrize(
    ("name", "converted", "states"),
    [
        ("shopify_order.json", 1, {"paid"}),
        ("shopify_refund.json", 1, {"refunded"}),
        ("shopify_checkouts.json", 0, set()),
        ("shopify_transaction.json", 0, set()),
    ],
)
def test_shopifys_own_examples_are_recognised_and_read(data_dir, name, converted, states):
    with events_of_file(data_dir / "orders" / name) as imported:
        assert imported.summary.formats == ["shopify"]
        assert imported.summary.converted == converted
        assert {event.state for event in imported} == states
    with (data_dir / "orders" / name).open("rb") as file:
        assert list(read(pieces_of(file), Options()))
