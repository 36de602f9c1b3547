"""What Alertmanager sends: the alerts of one group, each firing or over."""

from datetime import datetime
from typing import Final, Literal

import msgspec

BODY_BYTES: Final = 1024 * 1024
ALERT_LIMIT: Final = 200  # Of one delivery; Alertmanager groups by stream.


class Alert(msgspec.Struct, frozen=True, rename="camel"):
    """One alert as Alertmanager's webhook tells it."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.labels.get("alertname", "")

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What makes it the same alert as another one: its labels."""
        return tuple(sorted(self.labels.items()))

    @property
    def value(self) -> float | None:
        """The number that it fires for, where its rule gives one."""
        try:
            return float(self.annotations.get("value", ""))
        except ValueError:
            return None

    @property
    def since_ms(self) -> int:
        """When it began, in UTC milliseconds."""
        return round(self.starts_at.timestamp() * 1_000)


class Delivery(msgspec.Struct, frozen=True):
    """One call of Alertmanager's webhook, version 4."""

    alerts: list[Alert]


_decoder = msgspec.json.Decoder(Delivery)


def decode_delivery(body: bytes) -> Delivery:
    """Return what was sent; raises `msgspec.MsgspecError` on bytes that are no delivery."""
    delivery = _decoder.decode(body)
    if len(delivery.alerts) > ALERT_LIMIT:
        message = f"more than {ALERT_LIMIT} alerts"
        raise msgspec.ValidationError(message)
    return delivery
