"""Shopify's orders and refunds, as its webhooks send them and its API lists them.

Each state of an order has an id of its own, made of Shopify's: an order that is sent again, as
paid and later as cancelled, or whose refund comes alone and then within the order, counts once.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from resonance.streams.importers.documents import decoded, has_key, json_documents
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Outcome, Skip, Skipped
from resonance.streams.importers.rows import Rows
from resonance.streams.importers.shopify_fields import (
    UnusableError,
    cancelled,
    objects,
    order_fields,
    paid,
    refunded,
)
from resonance.streams.reasons import Reason

PLATFORM: Final = "shopify"
# What the API wraps records in; webhooks send them bare.
WRAPPERS: Final[dict[str, str]] = {
    "order": "order",
    "orders": "order",
    "refund": "refund",
    "refunds": "refund",
    "checkout": "checkout",
    "checkouts": "checkout",
    "transaction": "transaction",
    "transactions": "transaction",
}
# Kinds of records that say nothing of money earned or given back, and why.
_OTHERS: Final[dict[str, str]] = {
    "checkout": "a checkout: its order is told once it is placed",
    "transaction": "a transaction: its order and its refund tell the amount",
}
# The states in which the buyer has paid, or the money is held for the shop to take.
_SECURED: Final = frozenset(
    {"authorized", "paid", "partially_paid", "partially_refunded", "refunded", "voided"}
)


def recognises(head: bytes) -> bool:
    """Return whether there are orders, refunds, checkouts or transactions in the head."""
    return (
        has_key(head, b"refund_line_items")
        or (has_key(head, b"line_items") and has_key(head, b"total_price"))
        or (has_key(head, b"gateway") and has_key(head, b"amount") and has_key(head, b"order_id"))
    )


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield a purchase for each state that an order has been in, and for each refund."""
    rows = Rows(options, platform=PLATFORM)
    for line, item in json_documents(pieces):
        document = decoded(line, item)
        if isinstance(document, Skipped):
            yield rows.skip(document)
        else:
            yield from outcomes(rows, document, line)


def outcomes(rows: Rows, document: object, line: int) -> Iterator[Outcome]:
    """Yield what becomes of a decoded document: of every record in it."""
    for kind, record in _records(document):
        if kind == "order" and isinstance(record, dict):
            yield from _of_order(rows, record, line)
        elif kind == "refund" and isinstance(record, dict):
            yield _of_refund(rows, record, {}, line)
        elif kind in _OTHERS:
            yield rows.skip(Skipped(Skip.NOT_PAID, line, _OTHERS[kind], kind))
        else:
            reason = Reason.UNKNOWN_KIND if isinstance(record, dict) else Reason.NOT_AN_OBJECT
            yield rows.skip(Skipped(reason, line, "no order, refund or checkout"))


def kind_of(record: object) -> str | None:
    """Return what a bare record is; None if it is nothing of Shopify's that we know."""
    if not isinstance(record, dict):
        return None
    if "refund_line_items" in record:
        return "refund"
    if "line_items" in record and "total_price" in record:
        return "order" if "financial_status" in record else "checkout"
    return "transaction" if {"gateway", "amount", "order_id"} <= record.keys() else None


def _records(document: object) -> Iterator[tuple[str | None, object]]:
    """Yield each record with its kind, out of what the API wraps it in."""
    if isinstance(document, dict) and len(document) == 1:
        name, wrapped = next(iter(document.items()))
        if name in WRAPPERS:
            for record in wrapped if isinstance(wrapped, list) else [wrapped]:
                yield WRAPPERS[name], record
            return
    yield kind_of(document), document


def _of_order(rows: Rows, order: dict[str, Any], line: int) -> Iterator[Outcome]:
    status = str(order.get("financial_status"))
    if order.get("test") is True:
        yield rows.skip(Skipped(Skip.NOT_PAID, line, "a test order", "test order"))
        return
    try:
        common = order_fields(order)
        is_paid = status in _SECURED
        events = [paid(order, common)] if is_paid else []
        if order.get("cancelled_at") or status == "voided":
            events.append(cancelled(order, common, was_paid=is_paid))
    except UnusableError as fault:
        yield rows.skip(Skipped(fault.reason, line, fault.detail))
        return
    if not events:
        yield rows.skip(Skipped(Skip.NOT_PAID, line, "an order not paid yet", "unpaid order"))
    for fields in events:
        yield _purchase(rows, fields, line)
    for refund in objects(order, "refunds"):
        yield _of_refund(rows, refund, common, line)


def _of_refund(rows: Rows, refund: dict[str, Any], common: dict[str, Any], line: int) -> Outcome:
    try:
        fields = refunded(refund, common)
    except UnusableError as fault:
        return rows.skip(Skipped(fault.reason, line, fault.detail))
    if fields is None:
        return rows.skip(Skipped(Skip.NOT_PAID, line, "no money in a refund", "empty refund"))
    return _purchase(rows, fields, line)


def _purchase(rows: Rows, fields: dict[str, Any], line: int) -> Outcome:
    # Also within the envelope of another format.
    event = rows.event("purchase", {"platform": PLATFORM, **fields}, line=line, raw=b"")
    return event if isinstance(event, Skipped) else Kinded(event, f"order {fields['state']}")


FORMAT: Final = Format(
    "shopify", "Shopify's orders and refunds, as webhooks or the API give them", recognises, read
)
