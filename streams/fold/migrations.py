"""States that earlier versions saved, as entries of today's.

Each migration brings the entries of one schema to the next. A schema without one is refused, or
folded again from the log: see docs/decisions/snapshots-are-layers-of-changes.md.
"""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from resonance.streams.fold.askers import Askers
from resonance.streams.fold.audience import Audience
from resonance.streams.fold.authors import AuthorCounts, Authors, RecentAuthors
from resonance.streams.fold.distinct import Distinct
from resonance.streams.fold.facts import StreamFacts
from resonance.streams.fold.market import Bucket, MarketFold
from resonance.streams.fold.masks import Masks, SavedMasks
from resonance.streams.fold.members import Members, SavedMembers
from resonance.streams.fold.questions import Cluster, Questions
from resonance.streams.fold.saving import STATE_SCHEMA, PartitionFacts, PartitionState, save_state
from resonance.streams.fold.stream import StreamFold
from resonance.streams.fold.sums import Sums

Entries = Iterable[bytes]


class UnknownSchemaError(Exception):
    """No way leads from a saved state's schema to ours; the message says from which."""


def migrated(entries: Entries, schema: int) -> Entries:
    """Return the entries of a state of that schema as today's.

    Raises `UnknownSchemaError`, or `msgspec.MsgspecError` where the entries are none of it.
    """
    while schema != STATE_SCHEMA:
        if schema not in MIGRATIONS:
            message = f"the saved state has schema {schema}, and this version reads {_readable()}"
            raise UnknownSchemaError(message)
        entries, schema = MIGRATIONS[schema](entries), schema + 1
    return entries


def _readable() -> str:
    return f"{min(MIGRATIONS)} to {STATE_SCHEMA}"


class _Distinct1(msgspec.Struct):
    exact: set[int] | None = msgspec.field(default_factory=set)
    registers: bytes | None = None

    def now(self) -> Distinct:
        exact = None if self.exact is None else dict.fromkeys(self.exact)
        return Distinct(exact, None if self.registers is None else bytearray(self.registers))

    def members(self) -> Members:
        members = Members()
        members.load(SavedMembers(list(self.exact or ()), self.registers))
        return members


class _Bucket1(msgspec.Struct):
    sums: Sums
    commenters: _Distinct1
    buyers: _Distinct1


class _Market1(msgspec.Struct):
    buckets: dict[int, _Bucket1]
    retired: Sums
    commenters: _Distinct1
    buyers: _Distinct1
    authors: dict[int, Authors]
    author_counts: dict[int, AuthorCounts]

    def now(self) -> MarketFold:
        authors = RecentAuthors(self.authors)
        for start_ms, counts in self.author_counts.items():
            authors.load(start_ms, self.authors.get(start_ms), counts)
        return MarketFold(
            buckets={
                start_ms: Bucket(old.sums, old.commenters.now(), old.buyers.now())
                for start_ms, old in self.buckets.items()
            },
            retired=self.retired,
            commenters=self.commenters.members(),
            buyers=self.buyers.members(),
            authors=authors,
        )


class _Questions1(msgspec.Struct):
    clusters: list[Cluster]
    leaving: list[tuple[int, str]]

    def now(self) -> Questions:
        for number, cluster in enumerate(self.clusters):
            cluster.number = number
        return Questions(self.clusters, self.leaving, len(self.clusters))


class _Masks1(msgspec.Struct):
    opened: list[str] = []
    recent: list[tuple[int, int]] = []

    def now(self) -> Masks:
        masks = Masks()
        masks.load(SavedMasks(self.opened, self.recent))
        masks.loaded()
        return masks


class _Stream1(StreamFacts, kw_only=True):
    masks: _Masks1
    questions: _Questions1
    audience: Audience
    askers: Askers = msgspec.field(default_factory=Askers)  # There from some time on.
    markets: dict[str, _Market1]
    room: _Market1

    def now(self) -> StreamFold:
        facts = {name: getattr(self, name) for name in StreamFacts.__struct_fields__}
        return StreamFold(
            masks=self.masks.now(),
            questions=self.questions.now(),
            audience=self.audience,
            askers=self.askers,
            markets={name: market.now() for name, market in self.markets.items()},
            room=self.room.now(),
            **facts,
        )


class _State1(PartitionFacts, kw_only=True):
    streams: dict[str, _Stream1]


def _from_1(entries: Entries) -> Entries:
    """One entry with everything in it; what was set aside unread was not counted then."""
    old = msgspec.msgpack.decode(b"".join(entries), type=_State1)
    facts = {name: getattr(old, name) for name in PartitionFacts.__struct_fields__}
    state = PartitionState(
        streams={name: stream.now() for name, stream in old.streams.items()}, **facts
    )
    state.begun_at = state.offset - (
        state.counted + state.too_late + state.duplicates + state.control
    )
    state.corrected_before = state.offset  # Late events took no turn then: they were in the sums.
    return save_state(state, whole=True)


MIGRATIONS: Final[dict[int, Callable[[Entries], Entries]]] = {1: _from_1}
