"""Series -> OpenMetrics for `promtool tsdb create-blocks-from openmetrics`, checked before.

promtool takes what it should refuse, and says nothing: a time in milliseconds makes a block in a
far future, beside which Prometheus deletes every other one; what is out of order is dropped.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from resonance.agents.backfill.series import Series
from resonance.agents.errors import UsageError

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0"
HEAD_MS: Final = 3 * 3_600_000  # What a running Prometheus still writes to itself.
DAY_MS: Final = 86_400_000
EARLIEST_MS: Final = 1_262_304_000_000  # 2010: a time before it is one in seconds, taken for ms.


def refuse_times(series: Series, now_ms: int, retention_days: int, *, blocks: bool) -> None:
    """Raise `UsageError` for samples that Prometheus would lose, or that would cost it others.

    `blocks`: they become blocks, which must not reach into the last three hours.
    """
    for key, samples in series.items():
        if any(a.at_ms >= b.at_ms for a, b in pairwise(samples)):
            message = (
                f"{key.family}: samples out of order or two at one time; Prometheus drops them"
            )
            raise UsageError(message)
    times_ms = [at for samples in series.values() for at in (samples[0].at_ms, samples[-1].at_ms)]
    if not times_ms:
        message = "nothing to backfill: the replay has no window of 10 s"
        raise UsageError(message)
    first_ms, last_ms = min(times_ms), max(times_ms)
    if first_ms < EARLIEST_MS or last_ms > now_ms:
        message = (
            f"times from {first_ms} to {last_ms} ms are not between 2010 and now: does the "
            "recording give seconds for milliseconds, or the reverse? A block in the future makes "
            "Prometheus delete every other block"
        )
        raise UsageError(message)
    if first_ms < now_ms - retention_days * DAY_MS:
        message = (
            f"the stream began {(now_ms - first_ms) // DAY_MS} days ago, and a Prometheus that "
            f"keeps {retention_days} days deletes it at once: raise --storage.tsdb.retention.time "
            "there, then --retention-days here"
        )
        raise UsageError(message)
    if blocks and last_ms > now_ms - HEAD_MS:
        message = (
            "the stream ended less than 3 h ago, where Prometheus still writes: wait, or use "
            "--remote-write"
        )
        raise UsageError(message)


def sample_count(series: Series) -> int:
    """Return how many samples there are: promtool's NUM SAMPLES must add up to as many."""
    return sum(map(len, series.values()))


class _Families(Collector):
    def __init__(self, series: Series) -> None:
        self._series = series

    def collect(self) -> Iterator[Metric]:
        family: Metric | None = None
        for key, samples in self._series.items():
            if family is None or family.name != key.family:
                if family is not None:
                    yield family
                family = Metric(key.family, "Replayed at its original time.", key.kind)
            name = f"{key.family}_total" if key.kind == "counter" else key.family
            for sample in samples:
                at_seconds = sample.at_ms / 1000
                family.add_sample(name, dict(key.labels), sample.value, timestamp=at_seconds)
        if family is not None:
            yield family


def openmetrics(series: Series) -> bytes:
    """Return the text, up to its `# EOF`; raises `UsageError` when a sample is not in it."""
    encoder, _ = choose_encoder(OPENMETRICS)
    text = encoder(_Families(series))
    _refuse_other_count(text.splitlines(), sample_count(series))
    return text


def _refuse_other_count(lines: Iterable[bytes], expected: int) -> None:
    written = sum(not line.startswith(b"#") for line in lines)
    if written != expected:
        message = f"{written} samples written of {expected}: nothing was kept"
        raise UsageError(message)
