"""What a worker says of the states it keeps: saved how often and how big, read back how fast."""

from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LAG_BUCKETS_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
SAVING_BUCKETS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SNAPSHOT_KINDS: Final = ("whole", "changes")


class StateMetrics:
    """The series of snapshots, restoring and remembered ids, on the worker's registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        self.snapshot_age_seconds = Gauge(
            "resonance_snapshot_age_seconds",
            "Since the state of an events partition was last saved.",
            ["partition"],
            registry=registry,
        )
        self.snapshot_bytes = counter(
            "resonance_snapshot_bytes_total",
            "Written to save states: whole ones, and what changed since.",
            ["kind"],
        )
        self.snapshot_parts = counter(
            "resonance_snapshot_parts_total", "Records written to save states.", ["kind"]
        )
        self.snapshot_duration_seconds = Histogram(
            "resonance_snapshot_duration_seconds",
            "To make one snapshot and have it confirmed.",
            buckets=SAVING_BUCKETS_SECONDS,
            registry=registry,
        )
        self.restore_duration_seconds = Histogram(
            "resonance_restore_duration_seconds",
            "To read the state of one partition back.",
            buckets=LAG_BUCKETS_SECONDS,
            registry=registry,
        )
        self.restored_records = counter(
            "resonance_restored_records_total",
            "Records read to restore states: of `state`, and of `events` once more.",
        )
        self.states_refolded = counter(
            "resonance_states_refolded_total",
            "States that were there, but not whole or readable: their whole log was folded again.",
        )
        self.settings_changed = counter(
            "resonance_state_settings_changed_total",
            "Settings found to be others than those that a state was counted with.",
            ["setting"],
        )
        self.ids_evicted = counter(
            "resonance_ids_evicted_total",
            "Event ids forgotten for want of room: sent again, those events count twice.",
        )
        self.streams_evicted = counter(
            "resonance_streams_evicted_total",
            "Streams forgotten for want of room: their totals went, and begin anew if they go on.",
        )
        self.ids_remembered = Gauge(
            "resonance_ids_remembered",
            "Event ids held to tell what came twice.",
            ["partition"],
            registry=registry,
        )
        for kind in SNAPSHOT_KINDS:
            self.snapshot_bytes.labels(kind=kind)
            self.snapshot_parts.labels(kind=kind)
