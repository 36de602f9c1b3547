"""A request's body to purchases, or why it has none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from msgspec.structs import replace

from resonance.streams.events import RawEvent
from resonance.streams.importers import cloudevents, shopify
from resonance.streams.importers.documents import decoded
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import EXPECTED, Kinded, Outcome, Skipped
from resonance.streams.importers.rows import Rows

# Attributes of a CloudEvent that stand in the request's headers, beside a body of bare data.
_ATTRIBUTES: Final = ("specversion", "id", "source", "type", "time")

_Read = Callable[[Rows, object, int], Iterator[Outcome]]


@dataclass(slots=True)
class Intake:
    """What was in a body."""

    events: list[RawEvent] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def fault(self) -> Skipped | None:
        """What is wrong with the body, if nothing in it can be used."""
        if self.events:
            return None
        return next((one for one in self.skipped if one.reason not in EXPECTED), None)


def of_shopify(body: bytes, options: Options, now_ms: int) -> Intake:
    """Return the purchases of an order or a refund as Shopify's webhooks send it."""
    return _taken(decoded(1, body), shopify.outcomes, Rows(options, shopify.PLATFORM), now_ms)


def of_cloudevents(
    body: bytes, headers: Mapping[str, str], options: Options, now_ms: int
) -> Intake:
    """Return the events of a CloudEvent (structured or binary) or of a batch of them."""
    document = decoded(1, body)
    if "ce-specversion" in headers and not isinstance(document, Skipped):
        attributes = {name: headers.get(f"ce-{name}") for name in _ATTRIBUTES}
        given = {name: unquote(value) for name, value in attributes.items() if value is not None}
        document = given | {"data": document}
    return _taken(document, _of_batch, Rows(options, cloudevents.PLATFORM), now_ms)


def _of_batch(rows: Rows, document: object, line: int) -> Iterator[Outcome]:
    for event in document if isinstance(document, list) else [document]:
        yield from cloudevents.outcomes(rows, event, line)


def _taken(document: Any, read: _Read, rows: Rows, now_ms: int) -> Intake:
    outcomes: Iterable[Outcome] = (
        [document] if isinstance(document, Skipped) else read(rows, document, 1)
    )
    intake = Intake()
    for outcome in outcomes:
        if isinstance(outcome, Skipped):
            intake.skipped.append(outcome)
        else:
            event = outcome.event if isinstance(outcome, Kinded) else outcome
            intake.events.append(replace(event, ingested_at_ms=now_ms))
    return intake
