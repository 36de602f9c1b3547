"""What went wrong: the worst minutes, friction with the rule behind it, and pages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from resonance.sentiment.culture.explain import rules_of
from resonance.sentiment.culture.rules import Rule
from resonance.streams.events import LoggedStage
from resonance.streams.measures import friction_lift, share, unmasked_comments
from resonance.streams.replaying.moments import Moment, worst
from resonance.streams.report.facts import FrictionFacts, MomentFacts, PageFacts, Quote
from resonance.streams.report.timeline import product_at
from resonance.streams.spikes import OURS, USUAL, pages, rule_of
from resonance.streams.windows import ROOM, WindowRow

MOMENTS_SHOWN: Final = 5
QUOTES_SHOWN: Final = 3
QUOTE_CHARACTERS: Final = 280
FRICTION_SHOWN: Final = 20
LEAST_FRICTION: Final = 3  # Fewer comments are chance.
_CONFIDENCE: Final = ("high", "medium", "low")


def moments(found: Iterable[Moment], markers: Sequence[LoggedStage]) -> list[MomentFacts]:
    """Return the worst minutes with the comments that show it; no two of a market side by side."""
    return [
        MomentFacts(
            market=moment.market,
            start_ms=moment.start_ms,
            comments=moment.comments,
            negative=moment.negative,
            complaints=moment.complaints,
            bad=share(moment.bad, moment.comments),
            product=product_at(markers, moment.start_ms),
            quotes=[
                Quote(c.occurred_at_ms, c.language, c.text[:QUOTE_CHARACTERS], c.topics)
                for c in [c for c in moment.evidence if c.text][:QUOTES_SHOWN]
            ],
        )
        for moment in worst(found, MOMENTS_SHOWN)
    ]


def friction(totals: Mapping[str, WindowRow]) -> list[FrictionFacts]:
    """Return friction by market and category, the most lifted first."""
    room = totals[ROOM]
    found = []
    for market, row in totals.items():
        if market == ROOM:
            continue
        lifts = friction_lift(row, room)
        for category, sums in row.friction.items():
            if sums.count < LEAST_FRICTION:
                continue
            rule = _likeliest(market, category)
            found.append(
                FrictionFacts(
                    market=market,
                    category=category,
                    count=sums.count,
                    n=unmasked_comments(row),
                    lift=lifts.get(category),
                    rule_id=rule.id if rule else None,
                    expectation=rule.expectation if rule else None,
                    source=rule.source if rule else None,
                    verified=bool(rule and rule.may_alert),
                )
            )
    found.sort(key=lambda f: (-(f.lift or 0) * f.count, f.market, f.category))
    return found[:FRICTION_SHOWN]


def _likeliest(market: str, category: str) -> Rule | None:
    """Return the rule that best explains a category in a market: its own, checked, sure ones."""
    rules = rules_of(market, category)
    return min(
        rules,
        key=lambda r: (
            market not in r.markets,
            not r.may_alert,
            _CONFIDENCE.index(r.confidence),
            r.id,
        ),
        default=None,
    )


def paging(rows: Sequence[WindowRow], started_at_ms: int, floors: Mapping[str, float]) -> PageFacts:
    """Return what would have paged by today's rule, by the one of that day, and by the usual."""
    day = datetime.fromtimestamp(started_at_ms / 1000, UTC).date().isoformat()
    that_day = rule_of(day)
    return PageFacts(
        rule_today=OURS.name,
        today=pages(rows, OURS, floors),
        rule_that_day=that_day.name,
        that_day=pages(rows, that_day, floors),
        rule_usual=USUAL.name,
        usual=pages(rows, USUAL),
    )
