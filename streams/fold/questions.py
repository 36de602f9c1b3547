"""Question clusters: what viewers ask, asked often, open until the host answers.

A cluster is the questions of one market on the same topic and product within five minutes; without
a topic, those worded alike. What a host or moderator says on the same topic and product, written
or as a caption of their speech, closes it, and so does a reply to one of its comments. It goes
stale, unanswered, when its product has been off screen for ten minutes.
"""

from bisect import bisect_left
from collections.abc import Iterable
from heapq import nsmallest
from operator import attrgetter
from typing import Final, Literal

import msgspec

from resonance.streams.events import LoggedStage, ScoredComment
from resonance.streams.windows import OpenQuestion

CLUSTER_WINDOW_MS: Final = 300_000
STALE_AFTER_MS: Final = 600_000
OPEN_LIMIT: Final = 1_000  # Of a stream; the oldest goes stale for a newer one.
ASK_LIMIT: Final = 50  # Comment ids kept of a cluster, for replies.
ASKER_LIMIT: Final = 1_000  # Distinct viewers kept of a cluster.
SHOWN_PER_MARKET: Final = 10  # Open clusters in a market's total, the most wanted first.
QUOTED: Final = 3  # Comment ids of a shown cluster, the newest first.

# Market, product, and the topic or, without one, the text: what questions of a cluster share.
Subject = tuple[str, str, str | int]


class Cluster(msgspec.Struct):
    """One open question.

    A stream may have a thousand of them, and most are asked once: of one entry, tuples and a list
    take less than half of what lists and a set do.
    """

    market: str
    topic: str  # Empty: none was found, and `text_key` tells the question.
    product: str
    text_key: int
    first_asked_ms: int
    last_asked_ms: int
    asked_by: tuple[str, ...]  # Ids of the comments that ask it.
    askers: list[int] = []  # Sorted.
    asks: int = 1
    intents: int = 0  # Asks that say as well that the viewer wants to buy.
    languages: tuple[str, ...] = ()  # In the order in which they first asked.
    number: int = 0  # Of the stream's clusters, in the order they opened.

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.market, self.product, self.topic or self.text_key

    def ask(self, comment: ScoredComment, viewer: int) -> None:
        """Note one more comment that asks this."""
        self.last_asked_ms = comment.occurred_at_ms
        self.asks += 1
        if len(self.asked_by) < ASK_LIMIT:
            self.asked_by += (comment.id,)
        self.note(comment, viewer)

    def note(self, comment: ScoredComment, viewer: int) -> None:
        """Note who asks, in which language, and whether to buy."""
        if len(self.askers) < ASKER_LIMIT:
            place = bisect_left(self.askers, viewer)
            if self.askers[place : place + 1] != [viewer]:
                self.askers.insert(place, viewer)
        self.intents += "purchase_intent" in comment.signals
        if comment.language not in self.languages:
            self.languages += (comment.language,)

    def weight(self) -> int:
        """Return how much an answer is wanted: askers, and once more for each ask to buy."""
        return len(self.askers) + self.intents


class Closed(msgspec.Struct, frozen=True):
    """How a question ended."""

    cluster: Cluster
    outcome: Literal["answered", "stale"]
    at_ms: int
    by: str | None = None  # Id of the comment or caption that answered it.


class SavedQuestions(msgspec.Struct, array_like=True):
    """The clusters that changed since the last snapshot, and which are open, in their order."""

    changed: list[Cluster] = []
    open: list[int] = []
    opened: int = 0
    leaving: list[tuple[int, str]] = []


class Questions(msgspec.Struct):
    """The open questions of one stream; fed in event order."""

    clusters: list[Cluster] = []
    leaving: list[tuple[int, str]] = []  # When questions on a product go stale.
    opened: int = 0
    unsaved: set[int] = msgspec.field(default_factory=set)  # Numbers of clusters.
    closed: list[Closed] | None = None  # What has closed, for a replay to take; None: not kept.
    # By what they are about, as up to a thousand are open. Older ones about the same are past their
    # window, for good: events come in the order of their time.
    newest: dict[Subject, Cluster] = {}

    def __post_init__(self) -> None:
        """Find the newest of the clusters that it begins with."""
        self._find_newest()

    def _find_newest(self) -> None:
        self.newest = {cluster.subject: cluster for cluster in self.clusters}

    def ask(
        self, market: str, comment: ScoredComment, product: str, viewer: int
    ) -> tuple[bool, list[Cluster]]:
        """Note a question; return whether it opens a cluster, and what went stale for room."""
        topic = comment.topics[0] if comment.topics else ""
        at_ms = comment.occurred_at_ms
        subject = market, product, topic or comment.text_key
        newest = self.newest.get(subject)
        if newest is not None and at_ms - newest.last_asked_ms <= CLUSTER_WINDOW_MS:
            newest.ask(comment, viewer)
            self.unsaved.add(newest.number)
            return False, []
        oldest = self.clusters[:1] if len(self.clusters) >= OPEN_LIMIT else []
        stale = self._close(oldest, "stale", at_ms)
        opened = Cluster(
            market, topic, product, comment.text_key, at_ms, at_ms, (comment.id,), [viewer]
        )
        opened.note(comment, viewer)
        opened.number = self.opened
        self.opened += 1
        self.unsaved.add(opened.number)
        self.clusters.append(opened)
        self.newest[subject] = opened
        return True, stale

    def answer(self, said: ScoredComment | LoggedStage, product: str) -> list[Cluster]:
        """Return the clusters that are closed by what a host or moderator says."""
        reply_to = said.reply_to if isinstance(said, ScoredComment) else None
        answered = (
            cluster
            for cluster in self.clusters
            if (reply_to is not None and reply_to in cluster.asked_by)
            or (cluster.topic in said.topics and cluster.product == product)
        )
        return self._close(answered, "answered", said.occurred_at_ms, said.id)

    def product_left(self, product: str, at_ms: int) -> None:
        """Note that a product is off screen; its questions have ten minutes left."""
        self.leaving.append((at_ms + STALE_AFTER_MS, product))

    def product_back(self, product: str) -> None:
        """Note that a product is on screen again: its questions stay open."""
        self.leaving = [entry for entry in self.leaving if entry[1] != product]

    def stale_until(self, at_ms: int) -> list[tuple[int, Cluster]]:
        """Return the clusters that have gone stale by `at_ms`, and when each did."""
        stale: list[tuple[int, Cluster]] = []
        while self.leaving and self.leaving[0][0] <= at_ms:
            stale_ms, product = self.leaving.pop(0)
            gone = (c for c in self.clusters if c.product == product)
            closed = self._close(gone, "stale", stale_ms)
            stale += [(stale_ms, cluster) for cluster in closed]
        return stale

    def _close(
        self,
        clusters: Iterable[Cluster],
        outcome: Literal["answered", "stale"],
        at_ms: int,
        by: str | None = None,
    ) -> list[Cluster]:
        closed = list(clusters)
        if closed:
            gone = {id(cluster) for cluster in closed}
            self.clusters = [c for c in self.clusters if id(c) not in gone]
            self.unsaved.difference_update(cluster.number for cluster in closed)
            for cluster in closed:
                if self.newest.get(cluster.subject) is cluster:
                    del self.newest[cluster.subject]
            if self.closed is not None:
                self.closed += [Closed(cluster, outcome, at_ms, by) for cluster in closed]
        return closed

    def open_by_market(self) -> dict[str, list[Cluster]]:
        """Return the open clusters of each market that has any, the first asked first."""
        found: dict[str, list[Cluster]] = {}
        for cluster in sorted(self.clusters, key=attrgetter("first_asked_ms")):
            found.setdefault(cluster.market, []).append(cluster)
        return found

    def take_saved(self, *, whole: bool) -> SavedQuestions:
        """Return what changed since the last call, or everything."""
        changed = [c for c in self.clusters if whole or c.number in self.unsaved]
        self.unsaved = set()
        return SavedQuestions(
            changed, [cluster.number for cluster in self.clusters], self.opened, self.leaving
        )

    def load(self, saved: SavedQuestions) -> None:
        """Take in what was saved; in the order of saving."""
        known = {cluster.number: cluster for cluster in (*self.clusters, *saved.changed)}
        self.clusters = [known[number] for number in saved.open]
        for cluster in saved.changed:
            cluster.askers.sort()  # They were a set once.
        self.opened, self.leaving = saved.opened, saved.leaving
        self._find_newest()


def wanted(clusters: Iterable[Cluster]) -> tuple[OpenQuestion, ...]:
    """Return of a market's open clusters those that most want an answer, the heaviest first."""
    ranked = nsmallest(
        SHOWN_PER_MARKET,
        clusters,
        key=lambda cluster: (-cluster.weight(), cluster.first_asked_ms, cluster.asked_by[0]),
    )
    return tuple(
        OpenQuestion(
            topic=cluster.topic,
            product=cluster.product,
            asks=cluster.asks,
            askers=len(cluster.askers),
            intents=cluster.intents,
            languages=cluster.languages,
            first_asked_ms=cluster.first_asked_ms,
            last_asked_ms=cluster.last_asked_ms,
            asked_by=cluster.asked_by[-QUOTED:][::-1],
        )
        for cluster in ranked
    )
