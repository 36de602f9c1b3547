"""One stream's single pass: every event in order, then the late ones, then the rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from faults.reference_questions import Ask, QuestionBook
from faults.reference_rows import (
    BUCKET_MS,
    Group,
    Labels,
    Row,
    Scored,
    classes_of,
    mood,
    people_of_all,
    people_of_bucket,
    sums_of,
    without_zeros,
)
from resonance.streams.events import Comment, Purchase, RawEvent, Stage

HOUR_MS: Final = 3_600_000
ROOM: Final = "*"
UNKNOWN: Final = "unknown"
OTHER: Final = "other"
MARKETS_OF_A_STREAM: Final = 60
MARKED: Final = {
    *("started", "ended", "product_shown", "product_removed", "price", "stock"),
    *("giveaway_started", "giveaway_ended", "vote_started", "vote_ended"),
    *("raid_started", "raid_ended"),
}

Cell = tuple[str, int]  # Market and bucket start.


@dataclass(frozen=True)
class Definitions:
    """The bounds that the definitions name."""

    on_time_ms: int = 3_000
    too_late_ms: int = 600_000
    burst: int = 50
    burst_ms: int = 60_000
    return_ms: int = 600_000


def clamped_ms(event: RawEvent) -> int:
    """Return when the event occurred, within an hour before and 5 s after it was first had."""
    ingested_ms = event.ingested_at_ms
    return max(ingested_ms - HOUR_MS, min(event.occurred_at_ms, ingested_ms + 5_000))


class StreamPass:
    """What has been seen of one stream so far."""

    def __init__(self, stream: str, scores: Mapping[str, Scored], definitions: Definitions) -> None:
        self._stream = stream
        self._scores = scores
        self._is = definitions
        self._sums: dict[Cell, Counter[Labels]] = defaultdict(Counter)
        self._people: dict[str, Group] = defaultdict(Group)
        self._markets: dict[str, None] = {}  # In the order in which they were met.
        self._shops_in: dict[str, str] = {}
        self._last_wrote: dict[str, int] = {}
        self._returned: set[str] = set()
        self._copies: dict[int, list[int]] = defaultdict(list)
        self._masks: list[str] = []
        self._questions = QuestionBook()
        self._product: str | None = None
        self._room: Row = {}

    def rows(self, events: list[RawEvent]) -> dict[str, Row]:
        """Return the stream's rows."""
        once: dict[str, RawEvent] = {}
        for event in events:
            once.setdefault(event.id, event)
        self._room["duplicates"] = len(events) - len(once)
        late: list[RawEvent] = []
        on_time: list[tuple[int, int, str, RawEvent]] = []
        for event in once.values():
            at_ms = clamped_ms(event)
            lateness_ms = event.ingested_at_ms - at_ms
            if lateness_ms > self._is.too_late_ms:
                self._room["too_late"] = self._room.get("too_late", 0) + 1
            elif lateness_ms > self._is.on_time_ms:
                late.append(event)
            else:
                action = event.action if isinstance(event, Stage) else ""
                rank = {"started": 0, "ended": 2}.get(action, 1)
                on_time.append((at_ms, rank, event.id, event))
        self._expect_markets(once.values())
        for at_ms, _, _, event in sorted(on_time, key=lambda entry: entry[:3]):
            self._see(event, at_ms)
        for event in late:
            self._correct(event, clamped_ms(event))
        return self._written()

    def _expect_markets(self, events: Iterable[RawEvent]) -> None:
        for event in events:
            if isinstance(event, Stage) and event.action == "started":
                zeros = event.stream_markets or (() if event.sources else (UNKNOWN,))
                for market in zeros:
                    self._place(market)
                self._room.setdefault("stream_markets", list(event.stream_markets))

    def _place(self, market: str) -> str:
        """Return the market's name in rows; past sixty named ones it is `other`."""
        if market not in self._markets:
            named = [m for m in self._markets if m not in {UNKNOWN, OTHER}]
            if market != UNKNOWN and len(named) >= MARKETS_OF_A_STREAM:
                market = OTHER
            self._markets.setdefault(market)
        return market

    def _add(self, market: str, at_ms: int, *label: str, by: int = 1) -> None:
        self._sums[market, at_ms // BUCKET_MS * BUCKET_MS][label] += by

    def _see(self, event: RawEvent, at_ms: int) -> None:
        for asked_in, stale_ms in self._questions.gone_stale(at_ms):
            self._add(asked_in, stale_ms, "questions_stale")
        if isinstance(event, Purchase):
            self._purchase(event, at_ms, in_order=True)
        elif isinstance(event, Stage):
            self._stage(event, at_ms)
            if event.action == "caption":
                self._answer(event, None, at_ms)
        elif event.role != "viewer":
            self._add(ROOM, at_ms, "comments")
            self._add(ROOM, at_ms, "staff_comments")
            self._answer(event, event.reply_to, at_ms)
        else:
            self._comment(event, at_ms)

    def _comment(self, comment: Comment, at_ms: int) -> None:
        said, viewer = self._scores[comment.id], comment.viewer_id
        market, source = said.market, said.market_source
        if source == "declared":
            self._shops_in[viewer] = market
        elif viewer in self._shops_in:
            market, source = self._shops_in[viewer], "order"
        market = self._place(market)
        self._heard(market, at_ms, viewer, said, source)
        before_ms = self._last_wrote.get(viewer)
        if before_ms is None:
            self._add(market, at_ms, "first_comments")
        elif viewer not in self._returned and at_ms - before_ms >= self._is.return_ms:
            self._returned.add(viewer)
            self._add(market, at_ms, "repeat_viewers")
        self._last_wrote[viewer] = at_ms
        copies = [ms for ms in self._copies[said.text_key] if ms >= at_ms - self._is.burst_ms]
        self._copies[said.text_key] = [*copies, at_ms]
        if self._masks or len(copies) >= self._is.burst:
            self._add(market, at_ms, "masked", self._masks[0] if self._masks else "duplicate")
            return
        self._says(market, at_ms, said)
        start_ms = at_ms // BUCKET_MS * BUCKET_MS
        for group in (self._people[market], self._people[ROOM]):
            for name in classes_of(said):
                group.authors[name, start_ms].add(viewer)
        if "question" in said.signals:
            product = comment.product or self._product or ""
            opened, crowded_out = self._questions.ask(
                Ask(market, viewer, comment.id, product, at_ms, said)
            )
            self._add(market, at_ms, "questions_opened", by=opened)
            for asked_in in crowded_out:
                self._add(asked_in, at_ms, "questions_stale")

    def _answer(self, event: Comment | Stage, reply_to: str | None, at_ms: int) -> None:
        """Close what the host's words answer, written or spoken."""
        topics = self._scores[event.id].topics
        product = event.product or self._product or ""
        for asked_in, within in self._questions.answer(reply_to, topics, product, at_ms):
            self._add(asked_in, at_ms, "questions_answered")
            self._add(asked_in, at_ms, "answer_seconds", within)

    def _heard(self, market: str, at_ms: int, viewer: str, said: Scored, source: str) -> None:
        """Count what holds for every comment of a viewer."""
        self._add(market, at_ms, "comments")
        self._add(market, at_ms, "languages", said.language)
        self._add(market, at_ms, "market_sources", source)
        self._add(market, at_ms, "scorers", said.scorer)
        for group in (self._people[market], self._people[ROOM]):
            group.commenters[at_ms // BUCKET_MS * BUCKET_MS].add(viewer)

    def _says(self, market: str, at_ms: int, said: Scored) -> None:
        """Count what only unmasked comments say."""
        self._add(market, at_ms, "sentiment", mood(said))
        for signal in said.signals:
            self._add(market, at_ms, "signals", signal)
        for topic in said.topics:
            self._add(market, at_ms, "topics", topic)
        if "complaint" in said.signals:
            for topic in said.topics or ("none",):
                self._add(market, at_ms, "complaint_topics", topic)
        for category, severity in said.friction:
            self._add(market, at_ms, "friction", category, "count")
            self._add(market, at_ms, "friction", category, "severity", by=severity)

    def _purchase(self, purchase: Purchase, at_ms: int, *, in_order: bool) -> None:
        viewer = purchase.viewer_id
        if purchase.market and viewer and in_order:
            self._shops_in[viewer] = purchase.market
        known = self._shops_in.get(viewer or "") if in_order else None
        of_stream = self._room.get("stream_markets") or []
        fallback = of_stream[0] if len(of_stream) == 1 else UNKNOWN
        market = self._place(purchase.market or known or fallback)
        self._add(market, at_ms, "purchases", purchase.state)
        if purchase.state != "paid":
            self._add(market, at_ms, "refund_minor", purchase.currency, by=purchase.amount_minor)
            return
        self._add(market, at_ms, "amount_minor", purchase.currency, by=purchase.amount_minor)
        if viewer and in_order:
            self._questions.buy(viewer)
        self._add(market, at_ms, "units", by=sum(line.units for line in purchase.lines))
        for group in (self._people[market], self._people[ROOM]):
            buyer = viewer or f"order {purchase.order_id}"
            group.buyers[at_ms // BUCKET_MS * BUCKET_MS].add(buyer)

    def _stage(self, stage: Stage, at_ms: int) -> None:
        if stage.action in MARKED:
            self._add(ROOM, at_ms, "stage", stage.action)
        mask, _, change = stage.action.partition("_")
        if mask in {"giveaway", "vote", "raid"}:
            self._masks = [m for m in self._masks if m != mask or change == "started"]
            if change == "started" and mask not in self._masks:
                self._masks.append(mask)
        elif stage.action == "started":
            self._room.setdefault("started_at_ms", at_ms)
        elif stage.action == "ended":
            self._room |= {"ended": True, "watermark_ms": at_ms}
        elif stage.action == "product_shown":
            self._show(stage.product, at_ms)
        elif stage.action == "product_removed" and stage.product in {None, self._product}:
            self._show(None, at_ms)
        elif stage.action == "viewers" and stage.viewers is not None:
            self._room["viewers"] = stage.viewers
        elif stage.action == "comment_deleted":
            self._add(ROOM, at_ms, "deleted_comments")

    def _show(self, product: str | None, at_ms: int) -> None:
        if self._product and self._product != product:
            self._questions.off_screen(self._product, at_ms)
        if product:
            self._questions.on_screen(product)
        self._product = product

    def _correct(self, event: RawEvent, at_ms: int) -> None:
        """A late event adds to sums; nothing that rests on an order knows of it."""
        if isinstance(event, Purchase):
            self._purchase(event, at_ms, in_order=False)
        elif isinstance(event, Stage):
            self._stage(event, at_ms)
        elif event.role != "viewer":
            for label in ("comments", "staff_comments", "late_comments"):
                self._add(ROOM, at_ms, label)
        else:
            said = self._scores[event.id]
            market = self._place(said.market)
            self._add(market, at_ms, "late_comments")
            self._heard(market, at_ms, event.viewer_id, said, said.market_source)
            self._says(market, at_ms, said)

    def _written(self) -> dict[str, Row]:
        safe = self._stream.replace("%", "%25").replace("|", "%7C")
        totals: dict[str, Counter[Labels]] = defaultdict(Counter)
        cells: dict[Cell, Counter[Labels]] = defaultdict(Counter)
        for (market, start_ms), sums in self._sums.items():
            for name in {market, ROOM}:
                cells[name, start_ms].update(sums)
                totals[name].update(sums)
        rows: dict[str, Row] = {}
        for (market, start_ms), sums in cells.items():
            row = self._head(market) | sums_of(sums) | {"start_ms": start_ms}
            row |= people_of_bucket(self._people[market], start_ms)
            rows[f"{safe}|{market}|{start_ms}"] = without_zeros(row)
        for market in [*self._markets, ROOM]:
            row = self._head(market) | sums_of(totals[market])
            row |= people_of_all(self._people[market])
            row |= self._questions.still_open(None if market == ROOM else market)
            if market == ROOM:
                row |= self._room | {"product": self._product}
            rows[f"{safe}|{market}|total"] = without_zeros(row)
        return rows

    def _head(self, market: str) -> Row:
        return {"v": 1, "stream": self._stream, "market": market}
