"""TikTok Shop's notifications: that an order changed, but neither its items nor its amount.

None becomes a purchase. Counting a cancellation whose sale was never counted would be worse than
counting neither; so each is named by the order's status, and the shop's own orders are to be
imported from where their amounts are: the order details of the shop's API, or its export.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from resonance.streams.importers.documents import decoded, has_key, json_documents
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Outcome, Skip, Skipped
from resonance.streams.reasons import Reason

STATUSES: Final = frozenset(
    {
        "UNPAID",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "PARTIALLY_SHIPPING",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
        "CANCELLED",
    }
)
REMEDY: Final = "the notification has no amount; import the shop's orders instead"


def recognises(head: bytes) -> bool:
    """Return whether there are notifications in the head."""
    return has_key(head, b"tts_notification_id") or (
        has_key(head, b"shop_id") and has_key(head, b"order_status")
    )


def read(pieces: Iterable[bytes], _: Options) -> Iterator[Outcome]:
    """Yield for each notification why it is no purchase."""
    for line, item in json_documents(pieces):
        document = decoded(line, item)
        yield document if isinstance(document, Skipped) else _outcome(document, line)


def _outcome(document: object, line: int) -> Skipped:
    if not isinstance(document, dict):
        return Skipped(Reason.NOT_AN_OBJECT, line)
    data = document.get("data")
    status = data.get("order_status") if isinstance(data, dict) else None
    if status is None:
        return Skipped(Reason.UNKNOWN_KIND, line, "a notification of no order", "notification")
    kind = f"order {status}" if status in STATUSES else "order of another status"
    return Skipped(Skip.NO_AMOUNT, line, REMEDY, kind)


FORMAT: Final = Format(
    "tiktok-shop", "TikTok Shop's notifications of orders, which have no amount", recognises, read
)
