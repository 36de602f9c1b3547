"""What is small of a stream's state, and tells of it as a whole."""

import msgspec

from resonance.streams.fold.order import FOREVER_MS, Progress
from resonance.streams.fold.settings import FoldSettings


class StreamFacts(msgspec.Struct, kw_only=True):
    """What is small of a stream's state: every snapshot has it, if an event came since the last."""

    stream: str
    channel: str
    opened_at: int = 0  # Log offset of the first record, since it was last forgotten.
    progress: Progress = msgspec.field(default_factory=Progress)
    stream_markets: tuple[str, ...] = ()
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    product: str | None = None
    viewers: int | None = None
    too_late: int = 0
    duplicates: int = 0
    first_event_ms: int = FOREVER_MS  # Event times of what came in time, at the extremes.
    last_event_ms: int = 0
    retired_before_ms: int = 0  # Buckets that start before it are rows for good.
    forgotten_before_ms: int = 0  # Event ids of minutes before it are not known any more.
    heard_at_ms: int = 0  # Tick time when an event last came; closes idle streams.
    closed_at_ms: int | None = None  # Tick time when the stream was seen to have ended.

    def settled(self, complete_ms: int, settings: FoldSettings) -> bool:
        """Return whether the stream closed so long ago that nothing in time can come for it."""
        return (
            self.closed_at_ms is not None
            and complete_ms - self.closed_at_ms > settings.max_lateness_ms
        )

    def reads_again(self, offset: int) -> bool:
        """Return whether the record there may wait for its turn, or its copy may come.

        One before the stream was opened is of an earlier stream of that name, which was forgotten.
        """
        return offset >= self.opened_at and self.progress.watermark_ms != FOREVER_MS
