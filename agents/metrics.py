"""What a worker says of itself: rates and ages of the engine, never a business number.

Those come from the board, which reads what was written: they survive restarts and rebalances.
No label here names a worker, so that two workers' series can be added.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
)

from resonance.agents.errors import UsageError
from resonance.agents.state.metrics import LAG_BUCKETS_SECONDS, StateMetrics
from resonance.sentiment.vocabulary import SCORER_TIERS
from resonance.streams.reasons import Reason

DURATION_BUCKETS_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

disable_created_metrics()  # type: ignore[no-untyped-call] # A second series for every counter.


class WorkerMetrics:
    """The series of one worker process, on a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        self.scoring_duration_seconds = Histogram(
            "resonance_scoring_duration_seconds",
            "Time to decode and score one batch.",
            buckets=DURATION_BUCKETS_SECONDS,
            registry=registry,
        )
        self.event_lag_seconds = Histogram(
            "resonance_event_lag_seconds",
            "From when the broker got the last record of a batch until its outputs were confirmed.",
            ["hop"],
            buckets=LAG_BUCKETS_SECONDS,
            registry=registry,
        )
        self.consumer_lag_messages = Gauge(
            "resonance_consumer_lag_messages",
            "Records that wait to be read. During a rebalance two workers may both say it.",
            ["topic", "partition"],
            registry=registry,
        )
        self.comments_scored = counter(
            "resonance_comments_scored_total",
            "Comments scored, by the tier that scored them.",
            ["scorer"],
        )
        self.shed = counter(
            "resonance_shed_total",
            "Comments scored by a lower tier for want of time, or of a model that works.",
        )
        self.score_cache_hits = counter(
            "resonance_score_cache_hits_total", "Scores that were remembered: chat repeats itself."
        )
        self.score_cache_misses = counter(
            "resonance_score_cache_misses_total", "Scores that had to be found."
        )
        self.dead_letters = counter(
            "resonance_dead_letters_total",
            "Records set aside.",
            ["reason"],
        )
        self.duplicates = counter(
            "resonance_duplicates_total",
            "Records dropped by engagement: by id, or behind the fence.",
        )
        self.gap_records = counter(
            "resonance_gap_records_total",
            "Input records that retention deleted before this worker could read them.",
            ["topic"],
        )
        self.conservation_difference = Gauge(
            "resonance_conservation_difference",
            "Records in less records accounted for. Anything but 0 is a fault.",
            ["hop"],
            registry=registry,
        )
        self.state = StateMetrics(registry)
        self._add_archive()
        self.build_info = Gauge("resonance_build_info", "Always 1.", ["version"], registry=registry)
        self.build_info.labels(version=version("resonance-live")).set(1)
        for tier in SCORER_TIERS:
            self.comments_scored.labels(scorer=tier)
        for reason in Reason:
            self.dead_letters.labels(reason=reason.value)

    def _add_archive(self) -> None:
        self.archived_records = Counter(
            "resonance_archived_records_total",
            "Records of `events` written to the archive.",
            registry=self.registry,
        )
        self.archive_skipped = Counter(
            "resonance_archive_skipped_total",
            "Records left out of the archive: repeated by a scorer, or no event at all.",
            ["reason"],
            registry=self.registry,
        )
        self.archive_age_seconds = Gauge(
            "resonance_archive_age_seconds",
            "Since a range of an events partition was last written to the archive.",
            ["partition"],
            registry=self.registry,
        )

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Answer scrapes on http://host:port/metrics from a thread; port 0: do nothing.

        Raises `UsageError` when the port cannot be had.
        """
        if port == 0:
            yield
            return
        try:
            server, _ = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            message = (
                f"cannot serve metrics on {host}:{port}: {error.strerror}. "
                "Choose another `worker_metrics_port`, or 0 for none"
            )
            raise UsageError(message) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
