"""What can be set about the fold. The same on every worker, or replays would differ."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """Bounds of lateness, bursts and memory; times are of events, in milliseconds."""

    allowed_lateness_ms: int = 3_000  # Up to here an event is on time.
    max_lateness_ms: int = 600_000  # Up to here it corrects sums; beyond, it is too late.
    burst_size: int = 50  # Copies of a text within 60 s that stay counted.
    market_limit: int = 60  # Markets of a stream; the rest is "other".
    stream_limit: int = 2_000  # Streams held of a partition; see `eviction`.
    idle_after_ms: int = 6 * 3_600_000  # A live stream without events is closed after this.
    forget_after_ms: int = 48 * 3_600_000  # Totals go this long after the end.
    id_limit: int = 1_000_000  # Event ids remembered of a partition, to tell what came twice.

    def as_dict(self) -> dict[str, int]:
        """Return the settings by name, as snapshots keep them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
