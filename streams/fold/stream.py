"""One stream's state, and what each event changes in it. Time is the events' own."""

from typing import Final, NamedTuple

import msgspec

from resonance.streams.events import LoggedPurchase, LoggedStage, ScoredComment
from resonance.streams.fold.askers import Askers, buyer_of_order
from resonance.streams.fold.audience import Audience, Visit
from resonance.streams.fold.counting import add_comment, add_unmasked, author_classes, mood_of
from resonance.streams.fold.facts import StreamFacts
from resonance.streams.fold.market import Bucket, MarketFold
from resonance.streams.fold.masks import Masks
from resonance.streams.fold.order import FOREVER_MS, NEVER_MS, StreamEvent
from resonance.streams.fold.questions import Questions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.fold.sums import STAGE_ACTIONS, Sums, answer_label, bump
from resonance.streams.windows import BUCKET_MS, UNKNOWN_MARKET

OTHER_MARKET: Final = "other"
PACK_AFTER_MS: Final = 20_000  # Most late events have come by then: packing is for good.


class Seen(NamedTuple):
    """How a viewer's comment or a purchase was taken: its market, and why it is masked, if so."""

    market: str
    mask: str | None


class StreamFold(StreamFacts, kw_only=True):
    """Everything known of one stream; all of it goes into snapshots."""

    masks: Masks = msgspec.field(default_factory=Masks)
    questions: Questions = msgspec.field(default_factory=Questions)
    audience: Audience = msgspec.field(default_factory=Audience)
    askers: Askers = msgspec.field(default_factory=Askers)
    markets: dict[str, MarketFold] = msgspec.field(default_factory=dict)
    room: MarketFold = msgspec.field(default_factory=MarketFold)
    unsaved: bool = True  # Whether anything but the watermark moved since it was last saved.

    def see(self, event: StreamEvent, settings: FoldSettings) -> Seen | None:
        """Take the next event in order: everything that is measured, is measured here.

        Returns how a viewer's comment or a purchase was taken; None for everything else.
        """
        self._notice(event, in_order=True)
        self._drop_stale(event.occurred_at_ms)
        if isinstance(event, ScoredComment):
            return self._comment(event, settings)
        if isinstance(event, LoggedPurchase):
            return self._purchase(event, settings)
        self._stage(event)
        if event.action == "caption":
            self._answer(event)
        return None

    def correct(self, event: StreamEvent, settings: FoldSettings) -> Seen | None:
        """Take an event out of order: it corrects sums alone. Returns how a purchase was taken."""
        self._notice(event, in_order=False)
        if isinstance(event, ScoredComment):
            if event.role != "viewer":
                self._staff_comment(event).late_comments += 1
                return None
            fold = self._market(event.market, settings)[1]
            bucket = self._viewer_bucket(fold, _bucket_start_ms(event), int(event.viewer, 16))
            bucket.sums.late_comments += 1
            add_comment(bucket.sums, event, event.market_source)
            add_unmasked(bucket.sums, event, mood_of(event))
        elif isinstance(event, LoggedPurchase):
            return self._purchase(event, settings, in_order=False)
        else:
            self._stage(event)
        return None

    def receive(self, event: StreamEvent, settings: FoldSettings, *, in_time: bool) -> None:
        """Note that a record came, whatever becomes of it and in whatever order."""
        self.progress.receive(event, in_time=in_time)
        if in_time:
            self.first_event_ms = min(self.first_event_ms, event.occurred_at_ms)
            self.last_event_ms = max(self.last_event_ms, event.occurred_at_ms)
        if isinstance(event, LoggedStage) and event.action == "started":
            # Rows of zeros, so that a scraper sees the 0 that the first increase starts from. Where
            # a live stream names no market, its first comments will be of an unknown one.
            expected = event.stream_markets or (() if event.sources else (UNKNOWN_MARKET,))
            for market in expected:
                self._market(market, settings)[1].total_changed = True
            self.room.total_changed = True

    def _notice(self, event: StreamEvent, *, in_order: bool) -> None:
        if isinstance(event, LoggedPurchase) or not event.stream_markets:
            return
        if in_order or not self.stream_markets:
            self.stream_markets = event.stream_markets

    def _comment(self, comment: ScoredComment, settings: FoldSettings) -> Seen | None:
        if comment.role != "viewer":
            self._staff_comment(comment)
            self._answer(comment)
            return None
        viewer, start_ms = int(comment.viewer, 16), _bucket_start_ms(comment)
        market, source = comment.market, comment.market_source
        if source == "declared":
            self.audience.learn_market(viewer, market)
        elif known := self.audience.market.get(viewer):
            market, source = known, "order"
        name, fold = self._market(market, settings)
        sums = self._viewer_bucket(fold, start_ms, viewer).sums
        add_comment(sums, comment, source)
        visit = self.audience.visit(viewer, comment.occurred_at_ms)
        sums.first_comments += visit is Visit.FIRST
        sums.repeat_viewers += visit is Visit.RETURNED
        mask = self.masks.reason(comment.text_key, comment.occurred_at_ms, settings.burst_size)
        if mask:
            bump(sums.masked, mask)
            return Seen(name, mask)
        mood = mood_of(comment)
        add_unmasked(sums, comment, mood)
        classes = author_classes(comment, mood)
        self.room.author(start_ms, viewer, classes)
        fold.author(start_ms, viewer, classes)
        if "question" in comment.signals:
            self._ask(name, comment, sums, viewer)
        return Seen(name, None)

    def _ask(self, market: str, comment: ScoredComment, sums: Sums, viewer: int) -> None:
        product = comment.product or self.product or ""
        opened, stale = self.questions.ask(market, comment, product, viewer)
        self.askers.ask(viewer, market)
        sums.questions_opened += opened
        for cluster in stale:
            bucket = self._bucket(self.markets[cluster.market], _bucket_start_ms(comment))
            bucket.sums.questions_stale += 1

    def _answer(self, said: ScoredComment | LoggedStage) -> None:
        """Close what the host or a moderator answers by a comment, or by a caption of speech."""
        for cluster in self.questions.answer(said, said.product or self.product or ""):
            start_ms = _bucket_start_ms(said)
            self._bucket(self.room, start_ms)  # Wherever a market has a bucket, the room has one.
            sums = self._bucket(self.markets[cluster.market], start_ms).sums
            sums.questions_answered += 1
            waited_ms = said.occurred_at_ms - cluster.first_asked_ms
            bump(sums.answer_seconds, answer_label(waited_ms / 1000))
            for viewer in cluster.askers:
                if asked_in := self.askers.answer(viewer):
                    self.markets[asked_in].total_changed = True

    def _drop_stale(self, at_ms: int) -> None:
        for stale_ms, cluster in self.questions.stale_until(at_ms):
            start_ms = stale_ms // BUCKET_MS * BUCKET_MS
            self._bucket(self.room, start_ms)  # Wherever a market has a bucket, the room has one.
            self._bucket(self.markets[cluster.market], start_ms).sums.questions_stale += 1

    def _viewer_bucket(self, fold: MarketFold, start_ms: int, viewer: int) -> Bucket:
        """Return the market's bucket for a viewer's comment; the viewer is counted in it."""
        bucket, room_bucket = self._bucket(fold, start_ms), self._bucket(self.room, start_ms)
        bucket.commenters.add(viewer)
        fold.commenters.add(viewer)
        room_bucket.commenters.add(viewer)
        self.room.commenters.add(viewer)
        return bucket

    def _staff_comment(self, comment: ScoredComment) -> Sums:
        """Count a comment of a host or moderator: in the room, as they shop in no market."""
        sums = self._bucket(self.room, _bucket_start_ms(comment)).sums
        sums.comments += 1
        sums.staff_comments += 1
        return sums

    def _purchase(
        self, purchase: LoggedPurchase, settings: FoldSettings, *, in_order: bool = True
    ) -> Seen:
        name, fold = self._market(self._purchase_market(purchase, in_order=in_order), settings)
        at_ms = _bucket_start_ms(purchase)
        places = [(each, self._bucket(each, at_ms)) for each in (fold, self.room)]
        sums = places[0][1].sums
        bump(sums.purchases, purchase.state)
        if purchase.state != "paid":
            bump(sums.refund_minor, purchase.currency, purchase.amount_minor)
            return Seen(name, None)
        bump(sums.amount_minor, purchase.currency, purchase.amount_minor)
        sums.units += sum(line.units for line in purchase.lines)
        # An order without a viewer has a buyer all the same: one per order.
        buyer = int(purchase.viewer, 16) if purchase.viewer else buyer_of_order(purchase)
        if in_order and (asked_in := self.askers.buy(buyer)):
            self.markets[asked_in].total_changed = True
        for each, bucket in places:
            each.buyers.add(buyer)
            bucket.buyers.add(buyer)
        return Seen(name, None)

    def _purchase_market(self, purchase: LoggedPurchase, *, in_order: bool) -> str:
        viewer = int(purchase.viewer, 16) if purchase.viewer else None
        if purchase.market:
            if viewer is not None and in_order:
                self.audience.learn_market(viewer, purchase.market)
            return purchase.market
        if viewer is not None and in_order and (known := self.audience.market.get(viewer)):
            return known
        return self.stream_markets[0] if len(self.stream_markets) == 1 else UNKNOWN_MARKET

    def _stage(self, event: LoggedStage) -> None:
        self.room.total_changed = True
        self.masks.stage(event.action)
        if event.action in STAGE_ACTIONS:
            bump(self._bucket(self.room, _bucket_start_ms(event)).sums.stage, event.action)
        if event.action == "started":
            # A follower that restarts sends it again.
            self.started_at_ms = min(self.started_at_ms or FOREVER_MS, event.occurred_at_ms)
        elif event.action == "ended":
            self.ended_at_ms = event.occurred_at_ms
        elif event.action == "product_shown":
            self._show(event.product, event.occurred_at_ms)
        elif event.action == "product_removed" and event.product in {None, self.product}:
            self._show(None, event.occurred_at_ms)
        elif event.action == "viewers" and event.viewers is not None:
            self.viewers = event.viewers
        elif event.action == "comment_deleted":
            self._bucket(self.room, _bucket_start_ms(event)).sums.deleted_comments += 1

    def _show(self, product: str | None, at_ms: int) -> None:
        if self.product and self.product != product:
            self.questions.product_left(self.product, at_ms)
        if product:
            self.questions.product_back(product)
        self.product = product

    def _market(self, market: str, settings: FoldSettings) -> tuple[str, MarketFold]:
        """Return the market's name and state; past the limit of markets, those of "other"."""
        fold = self.markets.get(market)
        if fold is None:
            named = len(self.markets.keys() - {UNKNOWN_MARKET, OTHER_MARKET})
            if named >= settings.market_limit and market != UNKNOWN_MARKET:
                market = OTHER_MARKET
            fold = self.markets.setdefault(market, MarketFold())
        return market, fold

    def _bucket(self, fold: MarketFold, start_ms: int) -> Bucket:
        if start_ms < self.retired_before_ms:
            # Its row is complete, written or about to be: the total alone learns of this event.
            return fold.late_to_retired(start_ms)
        return fold.bucket(start_ms)

    def advance(self, watermark_ms: int, settings: FoldSettings) -> None:
        """Complete and retire the buckets that the watermark has left behind."""
        for fold in (self.room, *self.markets.values()):
            fold.complete_before(watermark_ms)
        # A bounded stream that is whole has no watermark of its own left: nothing is late there.
        seen_ms = self.last_event_ms + BUCKET_MS if watermark_ms == FOREVER_MS else watermark_ms
        horizon_ms = seen_ms - settings.max_lateness_ms
        self.retired_before_ms = max(self.retired_before_ms, horizon_ms // BUCKET_MS * BUCKET_MS)
        self._retire()

    def close(self, complete_ms: int, settings: FoldSettings) -> bool:
        """End a silent live stream; return whether its totals have been kept long enough."""
        if self.closed_at_ms is not None:  # A name may come again, and is heard then.
            return complete_ms - max(self.closed_at_ms, self.heard_at_ms) > settings.forget_after_ms
        idle = complete_ms - self.heard_at_ms > settings.idle_after_ms
        if self.ended_at_ms is None and idle and self.heard_at_ms > NEVER_MS:
            self.ended_at_ms = self.last_event_ms
            self.room.total_changed = True
        if self.ended_at_ms is not None:
            self.closed_at_ms = complete_ms
            self.unsaved = True
        return False

    def note_too_late(self) -> None:
        """Count an event that came too late for any sum."""
        self.too_late += 1
        self.room.total_changed = True

    def note_duplicate(self) -> None:
        """Count an event that was there before."""
        self.duplicates += 1
        self.room.total_changed = True

    def touch(self) -> None:
        """Mark every row within the horizon as changed."""
        for fold in (self.room, *self.markets.values()):
            fold.changed.update(fold.starts())
            fold.total_changed = True

    def _retire(self) -> None:
        """Retire buckets past the horizon, all markets at once: the room's row is their sum.

        One that still has to be written waits; the room has a bucket wherever a market has one.
        """
        folds = (self.room, *self.markets.values())
        starts = {s for s in self.room.starts() if s < self.retired_before_ms}
        starts.difference_update(*(fold.changed for fold in folds))
        pack_before_ms = self.room.authors.complete_before_ms - PACK_AFTER_MS
        for fold in folds:
            fold.retire(starts, self.retired_before_ms)
            fold.pack(pack_before_ms)


def _bucket_start_ms(event: StreamEvent) -> int:
    return event.occurred_at_ms // BUCKET_MS * BUCKET_MS
