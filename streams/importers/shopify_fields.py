"""The fields of Shopify's orders and refunds to those of a purchase."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from resonance.streams.importers.money import minor_units
from resonance.streams.importers.times import to_ms
from resonance.streams.reasons import Reason

LINES_LIMIT: Final = 500  # More would not fit into an event.
UNITS_LIMIT: Final = 1_000_000  # This and the next as in events.
AMOUNT_LIMIT_MINOR: Final = 10**15
IDENTIFIER_CHARACTERS: Final = 256

# Attributes that a shop's theme may note on the cart, so that the order tells whose it is.
NOTED: Final[dict[str, tuple[str, ...]]] = {
    "viewer_id": ("resonance_viewer", "viewer_id"),
    "stream": ("resonance_stream", "stream"),
    "platform": ("resonance_platform",),  # Where the viewer is known by that id.
}
_MARKET: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_SOURCE: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
_GIVEN_BACK: Final = frozenset({"refund", "void"})
_NOT_MOVED: Final = frozenset({"failure", "error"})

_Record = Mapping[str, Any]


class UnusableError(Exception):
    """A field that is needed is missing or wrong; never leaves the importer."""

    def __init__(self, reason: Reason, field: str) -> None:
        super().__init__(field)
        self.reason = reason
        self.detail = f"`{field}`"


def order_fields(order: _Record) -> dict[str, Any]:
    """Return what all events of an order share. Raises `UnusableError`."""
    return {
        "order_id": _identifier(order, "id"),
        "currency": _currency(order),
        "market": _market(order),
        "source": _source(order),
        **_noted(order),
    }


def paid(order: _Record, common: _Record) -> dict[str, Any]:
    """Return the purchase that an order is, whatever became of it later."""
    return {
        **common,
        "id": f"shopify-{common['order_id']}-paid",
        "state": "paid",
        "occurred_at_ms": _time_ms(order, "processed_at", "created_at"),
        "amount_minor": _amount(order, "total_price", common["currency"]),
        "lines": list(_order_lines(order, common["currency"])),
    }


def cancelled(order: _Record, common: _Record, *, was_paid: bool) -> dict[str, Any]:
    """Return the cancellation: of what was paid and is not told by the order's refunds."""
    currency = common["currency"]
    left = _amount(order, "total_price", currency) if was_paid else 0
    left -= sum(_refunded_minor(refund, currency) for refund in objects(order, "refunds"))
    return {
        **common,
        "id": f"shopify-{common['order_id']}-cancelled",
        "state": "cancelled",
        "occurred_at_ms": _time_ms(order, "cancelled_at", "updated_at", "created_at"),
        "amount_minor": max(left, 0),
    }


def refunded(refund: _Record, common: _Record) -> dict[str, Any] | None:
    """Return the refund's purchase event; None when no money went back.

    A refund that comes without its order knows neither market nor source.
    """
    moved = next(_transactions(refund), None)
    if moved is None:
        return None
    currency = common.get("currency") or _currency(moved)
    amount_minor = _refunded_minor(refund, currency)
    if not amount_minor:
        return None
    return {
        **common,
        "id": f"shopify-refund-{_identifier(refund, 'id')}",
        "order_id": common.get("order_id") or _identifier(refund, "order_id"),
        "currency": currency,
        "state": "refunded",
        "occurred_at_ms": _time_ms(refund, "processed_at", "created_at"),
        "amount_minor": amount_minor,
        "lines": list(_refund_lines(refund, currency)),
    }


def _refunded_minor(refund: _Record, currency: str) -> int:
    """Return what its transactions gave back, in minor units."""
    return sum(_amount(one, "amount", currency) for one in _transactions(refund))


def _transactions(refund: _Record) -> Iterator[_Record]:
    for one in objects(refund, "transactions"):
        kind, status = str(one.get("kind", "refund")), str(one.get("status"))
        if kind in _GIVEN_BACK and status not in _NOT_MOVED:
            yield one


def _order_lines(order: _Record, currency: str) -> Iterator[dict[str, Any]]:
    """Yield the lines with a product and an amount; the order's own amount stands without."""
    for line in objects(order, "line_items")[:LINES_LIMIT]:
        made = _line(line, currency)
        if made is not None:
            yield made


def _refund_lines(refund: _Record, currency: str) -> Iterator[dict[str, Any]]:
    for one in objects(refund, "refund_line_items")[:LINES_LIMIT]:
        if isinstance(one.get("line_item"), dict):
            made = _line({**one["line_item"], "quantity": one.get("quantity")}, currency)
            if made is not None:
                yield made


def _line(line: _Record, currency: str) -> dict[str, Any] | None:
    product = next((p for n in ("product_id", "sku", "id") if (p := _text(line.get(n)))), None)
    units = line.get("quantity")
    price_minor = minor_units(str(line.get("price")), currency)
    if product is None or price_minor is None or not isinstance(units, int):
        return None
    if not 0 <= units <= UNITS_LIMIT or price_minor * units > AMOUNT_LIMIT_MINOR:
        return None
    discounts = objects(line, "discount_allocations")
    off_minor = sum(minor_units(str(one.get("amount")), currency) or 0 for one in discounts)
    amount_minor = max(price_minor * units - off_minor, 0)
    return {"product": product, "units": units, "amount_minor": amount_minor}


def _market(order: _Record) -> str | None:
    """Return the country that the goods go to, else the one that the bill goes to."""
    for name in ("shipping_address", "billing_address"):
        address = order.get(name)
        if isinstance(address, dict) and _MARKET.fullmatch(str(address.get("country_code"))):
            return str(address["country_code"])
    return None


def _source(order: _Record) -> str | None:
    """Return how the buyer came: as the link that led to the shop says, else by what."""
    landing = order.get("landing_site")
    asked: dict[str, list[str]] = {}
    if isinstance(landing, str):
        with suppress(ValueError):  # Buyers write addresses too.
            asked = parse_qs(urlsplit(landing[:2_048]).query, max_num_fields=100)
    named = [*asked.get("utm_source", ()), *asked.get("source", ()), order.get("source_name")]
    return next((n for n in named if isinstance(n, str) and _SOURCE.fullmatch(n)), None)


def _noted(order: _Record) -> dict[str, str]:
    """Return what the shop's theme noted for us."""
    noted = {
        str(one.get("name")): _text(one.get("value")) for one in objects(order, "note_attributes")
    }
    found = {name: [noted[a] for a in asked if noted.get(a)] for name, asked in NOTED.items()}
    return {name: values[0] for name, values in found.items() if values and values[0]}


def objects(record: _Record, field: str) -> list[dict[str, Any]]:
    """Return the objects of a list; none of what is no list."""
    found = record.get(field)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _amount(record: _Record, field: str, currency: str) -> int:
    if record.get(field) is None:
        raise UnusableError(Reason.MISSING_FIELD, field)
    amount_minor = minor_units(str(record[field]), currency)
    if amount_minor is None:
        raise UnusableError(Reason.INVALID_FIELD, field)
    return amount_minor


def _currency(record: _Record) -> str:
    currency = record.get("currency")
    if not currency:
        raise UnusableError(Reason.MISSING_FIELD, "currency")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency.upper()):
        raise UnusableError(Reason.INVALID_FIELD, "currency")
    return currency.upper()


def _identifier(record: _Record, field: str) -> str:
    text = _text(record.get(field))
    if text is None:
        raise UnusableError(Reason.MISSING_FIELD, field)
    return text


def _time_ms(record: _Record, *fields: str) -> int:
    """Return the first of the times that is given, in UTC milliseconds."""
    for field in fields:
        if record.get(field):
            at_ms = to_ms(record[field])
            if at_ms is None:
                raise UnusableError(Reason.INVALID_FIELD, field)
            return at_ms
    raise UnusableError(Reason.MISSING_FIELD, fields[-1])


def _text(value: object) -> str | None:
    """Return a number or a text as an identifier; None if it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text if 0 < len(text) <= IDENTIFIER_CHARACTERS else None
