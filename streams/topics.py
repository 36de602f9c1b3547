"""The topics: names, keys, retention. Provisioning, the workers and the docs all read this."""

from dataclasses import dataclass, field
from typing import Final

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as contracts.md describes it; `config` holds the broker's own setting names."""

    name: str
    key: str
    holds: str
    config: dict[str, str] = field(default_factory=dict)


def _raw(name: str, holds: str) -> TopicSpec:
    retention = {
        "retention.ms": str(72 * HOUR_MS),
        "message.timestamp.type": "LogAppendTime",
        # Of a whole batch, not of one event: below 1 MiB the usual producers would be refused.
        "max.message.bytes": str(1024 * 1024),
    }
    return TopicSpec(name, "channel", holds, retention)


COMMENTS: Final = _raw("comments", "raw comments; the only place of raw viewer ids")
PURCHASES: Final = _raw("purchases", "raw purchases")
STAGE: Final = _raw("stage", "raw stage events")
EVENTS: Final = TopicSpec(
    "events",
    "channel",
    "what scoring wrote: the order of record",
    {"retention.ms": str(30 * DAY_MS), "message.timestamp.type": "LogAppendTime"},
)
DEAD_LETTERS: Final = TopicSpec(
    "dead-letters",
    "source topic:partition",
    "what could not be used, and why",
    {"retention.ms": str(7 * DAY_MS)},
)
WINDOWS: Final = TopicSpec(
    "windows",
    "stream|market|start_ms, and stream|market|total",
    "overwrites; header `upto` is the events offset they include",
    {"cleanup.policy": "compact"},
)
STATE: Final = TopicSpec(
    "state",
    "partition|writer|slot, and partition|writer|layer|part",
    "snapshots: layers in parts, and a manifest written last",
    {
        "cleanup.policy": "compact",
        "max.message.bytes": str(2 * 1024 * 1024),
        # What is obsolete is compacted soon, and a state is read back in seconds.
        "segment.bytes": str(64 * 1024 * 1024),
        "segment.ms": str(HOUR_MS),
        "min.cleanable.dirty.ratio": "0.3",
        "delete.retention.ms": str(HOUR_MS),
    },
)

SOURCES: Final = (COMMENTS, PURCHASES, STAGE)
ALL: Final = (*SOURCES, EVENTS, DEAD_LETTERS, WINDOWS, STATE)
# These share their partition count: a channel's records meet on one partition of each.
CO_PARTITIONED: Final = (*SOURCES, EVENTS)
