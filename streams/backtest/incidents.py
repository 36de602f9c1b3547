"""What is known to have gone wrong: the tables of `incidents.toml`, checked."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

import msgspec

FIELDS: Final = ("stream", "market", "from", "to", "what")
_MARKET: Final = re.compile(r"[A-Z]{2}|unknown|other")


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One marked incident; times are UTC milliseconds since 1970."""

    stream: str
    market: str
    from_ms: int
    to_ms: int
    what: str


class BadIncidentError(Exception):
    """A table that is no incident: which one, counted from 1, the field, what is wrong with it."""

    def __init__(self, number: int, field: str, fault: str) -> None:
        super().__init__(f"incident {number}, `{field}`: {fault}")
        self.number = number
        self.field = field
        self.fault = fault


def incidents_of(tables: Sequence[Mapping[str, Any]]) -> list[Incident]:
    """Return the incidents of the tables; raises `BadIncidentError` for the first bad one."""
    return [_incident(number, table) for number, table in enumerate(tables, 1)]


def _incident(number: int, table: Mapping[str, Any]) -> Incident:
    for name in table:
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(FIELDS)}"
            raise BadIncidentError(number, name, f"no such field; {hint}")
    for name in FIELDS:
        if name not in table:
            raise BadIncidentError(number, name, "missing")
    for name in ("stream", "market", "what"):
        if not isinstance(table[name], str) or not table[name]:
            raise BadIncidentError(number, name, "expected a text in quotes")
    if not _MARKET.fullmatch(table["market"]):
        fault = f"{table['market']!r} is no market; write two capital letters, as in US"
        raise BadIncidentError(number, "market", fault)
    from_ms, to_ms = (_ms(number, name, table[name]) for name in ("from", "to"))
    if to_ms <= from_ms:
        raise BadIncidentError(number, "to", "not after `from`")
    return Incident(
        stream=table["stream"],
        market=table["market"],
        from_ms=from_ms,
        to_ms=to_ms,
        what=table["what"],
    )


def _ms(number: int, field: str, value: object) -> int:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return round(value.timestamp() * 1000)
    example = "write a time with its zone and no quotes, as in 2026-11-29T18:31:20Z"
    raise BadIncidentError(number, field, example)
