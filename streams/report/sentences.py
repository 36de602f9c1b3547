"""The stream in a paragraph of facts: the trouble first. Every sentence rests on its numbers.

A sentence whose numbers are missing is left out: nothing is said that was not counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from resonance.streams.measures import negative_share
from resonance.streams.report.facts import (
    FrictionFacts,
    MomentFacts,
    PageFacts,
    QuestionFacts,
    Sentence,
)
from resonance.streams.report.spans import complaint_topic, orders_beside
from resonance.streams.spikes import Page
from resonance.streams.windows import ROOM, WindowRow
from resonance.streams.wording import clock, duration, percent, words

LEAST_LIFT: Final = 2.0


def what_happened(
    rows: Sequence[WindowRow],
    totals: Mapping[str, WindowRow],
    span_ms: tuple[int, int],
    *,
    paged: PageFacts,
    moments: Sequence[MomentFacts],
    questions: QuestionFacts,
    friction: Sequence[FrictionFacts],
) -> list[Sentence]:
    """Return the paragraph: what went wrong, where and when; then how the stream went."""
    worst = worst_page(paged.today)
    return [
        *(_trouble(rows, totals, worst) if worst else _calm(moments)),
        *_paging(paged, worst),
        *_friction(friction),
        *_questions(questions),
        _size(totals, span_ms),
    ]


def worst_page(pages: Sequence[Page]) -> Page | None:
    """Return the page with the most negative comments at its peak, the earliest of equals."""
    return max(pages, key=lambda p: (p.negative, p.peak_share, -p.since_ms, p.market), default=None)


def _trouble(
    rows: Sequence[WindowRow], totals: Mapping[str, WindowRow], page: Page
) -> Iterator[Sentence]:
    whole = negative_share(totals[page.market]).value or 0.0
    yield Sentence(
        f"In {page.market}, {page.negative} of {page.comments} comments were negative "
        f"({percent(page.peak_share)}) at the worst, between {clock(page.since_ms)} and "
        f"{clock(page.until_ms)}; over the whole stream it was {percent(whole)}.",
        {
            "market": page.market,
            "negative": page.negative,
            "comments": page.comments,
            "share": page.peak_share,
            "share_of_stream": whole,
            "since_ms": page.since_ms,
            "until_ms": page.until_ms,
        },
    )
    topic, count, complaints = complaint_topic(rows, page)
    if topic is not None:
        yield Sentence(
            f"{count} of {complaints} complaints there and then were about {words(topic)}.",
            {"topic": topic, "count": count, "complaints": complaints},
        )
    before, during = orders_beside(rows, page)
    if before is not None and during is not None:
        yield Sentence(
            f"{page.market} made {during:g} orders a minute meanwhile, and {before:g} before.",
            {"orders_per_minute": during, "orders_per_minute_before": before},
        )


def _calm(moments: Sequence[MomentFacts]) -> Iterator[Sentence]:
    if not moments:
        yield Sentence("No minute of any market stands out by complaints.", {"moments": 0})
        return
    worst = moments[0]
    yield Sentence(
        f"No market would have paged; the worst minute was in {worst.market} at "
        f"{clock(worst.start_ms)}, with {worst.bad.n} comments, {worst.negative} of them negative "
        f"and {worst.complaints} complaining.",
        {
            "market": worst.market,
            "start_ms": worst.start_ms,
            "comments": worst.comments,
            "negative": worst.negative,
            "complaints": worst.complaints,
        },
    )


def _paging(paged: PageFacts, worst: Page | None) -> Iterator[Sentence]:
    if worst is None and not paged.usual:
        return
    first = f"the one for {worst.market} at {clock(worst.since_ms)}" if worst else ""
    also = [p for p in paged.usual if worst and _overlap(p, worst)]
    usual = _times(len(paged.usual))
    if worst and also:
        later = (also[0].since_ms - worst.since_ms) / 1000
        when = f"{duration(abs(later))} {'later' if later >= 0 else 'earlier'} for {worst.market}"
        usual = f"{usual}, {when}"
    elif worst and paged.usual:
        usual = f"{usual}, never for {worst.market}"
    today = f"{_times(len(paged.today))}{', ' + first if first else ''}"
    yield Sentence(
        f"Today's rules would have paged {today}; the usual one of 25 %, {usual}.",
        {"pages_today": len(paged.today), "pages_usual": len(paged.usual)},
    )


def _overlap(one: Page, other: Page) -> bool:
    return (
        one.market == other.market
        and one.since_ms <= other.until_ms
        and other.since_ms <= one.until_ms
    )


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _friction(friction: Sequence[FrictionFacts]) -> Iterator[Sentence]:
    for found in friction[:1]:
        if found.lift is None or found.lift < LEAST_LIFT:
            continue
        rule = f" ({found.rule_id}: {found.expectation})" if found.rule_id else ""
        yield Sentence(
            f"Friction over {words(found.category)} was {found.lift:g} times that of the rest of "
            f"the room in {found.market}, in {found.count} of {found.n} comments{rule}.",
            {
                "market": found.market,
                "category": found.category,
                "lift": found.lift,
                "count": found.count,
                "n": found.n,
            },
        )


def _questions(questions: QuestionFacts) -> Iterator[Sentence]:
    if not questions.clusters:
        return
    median = questions.median_seconds
    typical = f", typically after {duration(median)}" if median is not None else ""
    yield Sentence(
        f"{questions.answered} of {questions.clusters} questions were answered{typical}.",
        {"answered": questions.answered, "questions": questions.clusters},
    )
    for one in questions.unanswered[:1]:
        about = f" on {words(one.topic)}" if one.topic else ""
        yield Sentence(
            f"The most asked of the others{about} came {_times(one.asks)} from {one.market} and "
            f"waited {duration(one.waited_seconds)}.",
            {"asks": one.asks, "market": one.market, "waited_seconds": one.waited_seconds},
        )


def _size(totals: Mapping[str, WindowRow], span_ms: tuple[int, int]) -> Sentence:
    room = totals[ROOM]
    seconds = (span_ms[1] - span_ms[0]) / 1000
    markets = sum(market != ROOM for market in totals)
    orders = room.purchases.get("paid", 0)
    return Sentence(
        f"In all: {room.comments:,} comments of {room.commenters:,} viewers from {markets} "
        f"{'market' if markets == 1 else 'markets'} and {orders:,} orders in {duration(seconds)}.",
        {
            "comments": room.comments,
            "commenters": room.commenters,
            "markets": markets,
            "orders": orders,
            "seconds": seconds,
        },
    )
