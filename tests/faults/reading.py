"""What lies on the topics, read by another client than the workers use: librdkafka."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from faults.reference_rows import Row, Scored
from faults.story import Told
from resonance.agents.settings import Settings
from resonance.streams.codec import Rejection, decode_raw
from support.engine import messages_of, read

DISTINCT_EXACT: Final = 10_000
DISTINCT_SHARE: Final = 0.02
DISTINCT_FIELDS: Final = frozenset({"commenters", "buyers"})


@dataclass
class Log:
    """The log of record, `events`, without its ticks."""

    scores: dict[str, Scored] = field(default_factory=dict)
    copies: Counter[str] = field(default_factory=Counter)  # Event id -> records.
    places: set[tuple[str, int, int]] = field(default_factory=set)  # Of source records, by id.
    contradictions: list[str] = field(default_factory=list)  # Ids that were scored in two ways.

    def repeated(self, ids: Collection[str]) -> int:
        """Return how many records engagement must not count: copies of a platform or a crash."""
        return sum(self.copies[event_id] - 1 for event_id in ids if event_id in self.copies)


def read_log(settings: Settings) -> Log:
    """Return what scoring wrote, every record of it."""
    return log_of(message.value() or b"{}" for message in messages_of(settings, "events"))


def read_told(settings: Settings) -> list[Told]:
    """Return what lies on the source topics: what the broker confirmed to producers."""
    told: list[Told] = []
    for topic in ("stage", "comments", "purchases"):
        for message in messages_of(settings, topic):
            event = decode_raw(message.value())
            assert not isinstance(event, Rejection), "a story has events alone"
            told.append(Told(topic, (message.key() or b"").decode(), event))
    return told


def log_of(values: Iterable[bytes]) -> Log:
    """Return the log that these records of `events` make."""
    log = Log()
    same: dict[Scored, Scored] = {}  # Chat repeats itself: a score is kept once.
    for value in values:
        event = json.loads(value)
        if event["kind"] == "tick":
            continue
        log.copies[event["id"]] += 1
        place = event["source" if event["kind"] == "comment" else "place"]
        log.places.add((place["topic"], place["partition"], place["offset"]))
        if event["kind"] == "comment" or event.get("action") == "caption":
            scored = _scored(event)
            scored = same.setdefault(scored, scored)
            if log.scores.setdefault(event["id"], scored) != scored:
                log.contradictions.append(event["id"])
    return log


def _scored(event: Mapping[str, Any]) -> Scored:
    """Return what a comment says; a caption, only what it is about."""
    mood = event.get("sentiment", {})
    return Scored(
        text_key=event.get("text_key", 0),
        language=event.get("language", ""),
        market=event.get("market", ""),
        market_source=event.get("market_source", ""),
        sentiment=(mood.get("negative", 0), mood.get("neutral", 0), mood.get("positive", 0)),
        signals=tuple(event.get("signals", ())),
        topics=tuple(event.get("topics", ())),
        friction=tuple((f["category"], f["severity"]) for f in event.get("friction", ())),
        scorer=event.get("scorer", ""),
    )


def read_dead_letters(settings: Settings) -> list[dict[str, Any]]:
    """Return the dead letters, each place once: a crash may write one again."""
    letters = [json.loads(message.value() or b"{}") for message in read(settings, "dead-letters")]
    prefix = settings.topic_prefix
    by_place = {
        (letter["topic"].removeprefix(prefix), letter["partition"], letter["offset"]): letter
        for letter in letters
    }
    return list(by_place.values())


def differences(expected: Mapping[str, Row], got: Mapping[str, bytes]) -> list[str]:
    """Return in words where rows differ from what they must be; `got` may hold other streams'."""
    streams = {key.partition("|")[0] for key in expected}
    ours = {key: value for key, value in got.items() if key.partition("|")[0] in streams}
    found = [f"{key}: no such row is due" for key in sorted(ours.keys() - expected.keys())]
    for key, row in expected.items():
        if not ours.get(key):
            found.append(f"{key}: missing")
            continue
        found += [f"{key} {what}" for what in _row_differences(row, json.loads(ours[key]))]
    return found


def _row_differences(expected: Row, got: Row) -> list[str]:
    return [
        f"{name}: expected {expected.get(name)}, got {got.get(name)}"
        for name in sorted(expected.keys() | got.keys())
        if not _same(name, expected.get(name), got.get(name))
    ]


def _same(name: str, expected: object, got: object) -> bool:
    if name in DISTINCT_FIELDS and isinstance(expected, int) and expected > DISTINCT_EXACT:
        return isinstance(got, int) and abs(got - expected) <= DISTINCT_SHARE * expected
    return expected == got


def counted(rows: Mapping[str, Row]) -> int:
    """Return how many comments and purchases the rooms' totals hold."""
    return sum(
        row.get("comments", 0) + sum(row.get("purchases", {}).values())
        for key, row in rows.items()
        if key.endswith("|*|total")
    )


def compared(rows: Mapping[str, Row]) -> str:
    """Return in words what a comparison of these rows has looked at."""
    totals = {key: row for key, row in rows.items() if key.endswith("|total")}
    rooms = [row for key, row in totals.items() if key.endswith("|*|total")]

    def in_all(name: str) -> str:
        return f"{sum(row.get(name, 0) for row in rooms):,}"

    people = [row.get("commenters", 0) for row in rows.values()]
    return (
        f"{len(rows) - len(totals):,} windows, {len(totals)} totals, questions: "
        f"{in_all('questions_opened')} opened, {in_all('questions_answered')} answered, "
        f"{in_all('questions_stale')} stale, {in_all('questions_open')} open; distinct counts: "
        f"{sum(n <= DISTINCT_EXACT for n in people):,} exact, "
        f"{sum(n > DISTINCT_EXACT for n in people)} within {DISTINCT_SHARE:.0%}"
    )
