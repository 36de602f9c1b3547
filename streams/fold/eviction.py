"""Which streams go when a partition holds more than it may: by the log alone.

Silence is counted in steps of the greatest lateness, so that a flood of new names within ten
minutes pays for itself: of streams that are equally silent, those that have said least go first.
"""

from collections.abc import Iterable
from typing import Final

from resonance.streams.fold.settings import FoldSettings
from resonance.streams.fold.stream import StreamFold

KEPT_SHARE: Final = 0.875  # Of the limit, when streams must go: rarely, and then some at once.


def to_evict(
    streams: Iterable[StreamFold], complete_ms: int, settings: FoldSettings
) -> list[StreamFold]:
    """Return the streams to forget before one more is held, the first to go first.

    `complete_ms`: where the ticks stand; none go while the streams are fewer than the limit.
    """
    held = list(streams)
    if len(held) < settings.stream_limit:
        return []
    step_ms = max(1, settings.max_lateness_ms)

    def staying(stream: StreamFold) -> tuple[int, int, str]:
        silent_steps = (complete_ms - stream.heard_at_ms) // step_ms
        return -silent_steps, sum(stream.progress.received.values()), stream.stream

    held.sort(key=staying)
    return held[: len(held) - int((settings.stream_limit - 1) * KEPT_SHARE)]
