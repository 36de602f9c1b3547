"""A report as Markdown, to be pasted into a ticket or a page of notes."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from resonance.sentiment.text import clean
from resonance.streams.report.facts import Report
from resonance.streams.report.html import day, money, share_words
from resonance.streams.scoreboard.words import MARKETS_SHOWN, V_TITLES, score_words
from resonance.streams.windows import ROOM
from resonance.streams.wording import clock, duration, percent, words

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@])")


def to_markdown(report: Report, *, build: str) -> str:
    """Return the report's text; nothing that viewers wrote can become markup in it."""
    parts = [
        f"# {escaped(report.stream)}",
        _where_and_when(report),
        " ".join(escaped(sentence.text) for sentence in report.what_happened),
        *_four(report),
        *_moments(report),
        *_markets(report),
        *_friction(report),
        *_questions(report),
        *_pages(report),
        f"---\n{escaped(build)}",
    ]
    return "\n\n".join(parts) + "\n"


def _where_and_when(report: Report) -> str:
    times = f"{clock(report.started_at_ms)} to {clock(report.ended_at_ms)}"
    place = f"{escaped(report.channel)} on {escaped(report.platform)}"
    return f"{day(report.started_at_ms)}, {times}; {place}"


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    >>> escaped("[a](http://x) <b>")
    '\\[a\\]\\(http\\://x\\) &lt;b&gt;'
    """
    one_line = clean(text).replace("\n", " ")
    return _SPECIAL.sub(r"\\\1", escape(one_line, quote=False))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _four(report: Report) -> Iterator[str]:
    yield "## The four V"
    rows = []
    for board in report.scoreboards[: 1 + MARKETS_SHOWN]:
        market = "whole room" if board.market == ROOM else board.market
        rows.append([market, *(score_words(v) for v in board.four)])
    yield _table(["Market", *V_TITLES.values()], rows)


def _moments(report: Report) -> Iterator[str]:
    yield "## The worst moments"
    for moment in report.moments:
        on_screen = f", {escaped(moment.product)} on screen" if moment.product else ""
        quotes = "".join(f"\n  > {escaped(q.text)} ({q.language})" for q in moment.quotes)
        yield (
            f"- **{moment.market}, {clock(moment.start_ms)}**: {moment.negative} negative, "
            f"{moment.complaints} complaining, of {moment.comments}{on_screen}{quotes}"
        )
    if not report.moments:
        yield "None."


def _markets(report: Report) -> Iterator[str]:
    yield "## Markets"
    rows = []
    for market in report.markets:
        sums = market.summary
        share = sums["negative_share"]
        assert isinstance(share, dict)
        gmv = sums["gmv_minor"]
        assert isinstance(gmv, dict)
        topics = list(report.complaint_topics.get(market.market, {}).items())[:3]
        rows.append(
            [
                market.market,
                f"{sums['comments']:,}",
                "–" if share["value"] is None else f"{percent(share['value'])} of {share['n']:,}",
                ", ".join(f"{words(topic)} {count}" for topic, count in topics) or "–",
                f"{sums['orders']:,}",
                money(gmv, report.currency_digits),
            ]
        )
    yield _table(["Market", "Comments", "Negative", "Complaints", "Orders", "Sold"], rows)


def _friction(report: Report) -> Iterator[str]:
    if not report.friction:
        return
    yield "## Friction"
    yield _table(
        ["Market", "Friction", "Comments", "Lift", "Rule"],
        [
            [
                found.market,
                words(found.category),
                f"{found.count} of {found.n}",
                "–" if found.lift is None else f"{found.lift:g}",
                escaped(f"{found.rule_id}: {found.expectation}") if found.rule_id else "–",
            ]
            for found in report.friction
        ],
    )


def _questions(report: Report) -> Iterator[str]:
    asked = report.questions
    yield "## Questions"
    yield (
        f"{asked.answered} of {asked.clusters} answered ({share_words(asked.answered_share)}). "
        f"Askers who bought: {share_words(asked.answered_conversion)} of the answered, "
        f"{share_words(asked.unanswered_conversion)} of the others."
    )
    if asked.unanswered:
        yield _table(
            ["Market", "About", "Asks", "Waited", "Words"],
            [
                [
                    one.market,
                    escaped(" ".join(part for part in (words(one.topic), one.product) if part)),
                    str(one.asks),
                    duration(one.waited_seconds),
                    escaped(one.text),
                ]
                for one in asked.unanswered
            ],
        )


def _pages(report: Report) -> Iterator[str]:
    yield "## What would have paged"
    paged = report.pages
    for name, rule, found in (
        ("Today", paged.rule_today, paged.today),
        ("That day", paged.rule_that_day, paged.that_day),
        ("The usual rule", paged.rule_usual, paged.usual),
    ):
        said = "; ".join(f"{p.market} {clock(p.since_ms)} ({percent(p.peak_share)})" for p in found)
        yield f"- {name} ({rule}): {said or 'none'}"
