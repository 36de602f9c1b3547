"""How questions fared, which were never answered, and what those may have cost."""

from collections.abc import Sequence
from typing import Final

from resonance.streams.measures import answer_time_seconds, asker_conversion, share
from resonance.streams.replaying.questions import QuestionOutcome
from resonance.streams.report.facts import OpenFacts, QuestionFacts
from resonance.streams.windows import WindowRow

UNANSWERED_SHOWN: Final = 10
TEXT_CHARACTERS: Final = 280
LEAST_ASKERS: Final = 30  # On each side; fewer say nothing about what an answer is worth.


def questions(outcomes: Sequence[QuestionOutcome], room: WindowRow, end_ms: int) -> QuestionFacts:
    """Return the facts of all questions; `room` is the stream's total over all markets."""
    conversions = asker_conversion(room)
    unanswered = [one for one in outcomes if one.outcome != "answered"]
    unanswered.sort(key=lambda one: (-one.asks, one.first_asked_ms, one.market, one.asked_by))
    return QuestionFacts(
        clusters=room.questions_opened,
        answered=room.questions_answered,
        answered_share=share(room.questions_answered, room.questions_opened),
        median_seconds=answer_time_seconds(room, 0.5),
        p90_seconds=answer_time_seconds(room, 0.9),
        answered_conversion=conversions["answered"],
        unanswered_conversion=conversions["unanswered"],
        missed_buyers=_missed_buyers(room),
        unanswered=[_open_facts(one, end_ms) for one in unanswered[:UNANSWERED_SHOWN]],
        unanswered_left_out=max(len(unanswered) - UNANSWERED_SHOWN, 0),
    )


def _missed_buyers(room: WindowRow) -> float | None:
    """Return the buyers missed if unanswered askers had bought as often as answered ones.

    An upper bound rather than a promise: who is answered may have been likelier to buy anyway.
    """
    shares = asker_conversion(room)
    answered, unanswered = shares["answered"], shares["unanswered"]
    if min(answered.n, unanswered.n) < LEAST_ASKERS:
        return None
    difference = (answered.value or 0) - (unanswered.value or 0)
    return round(max(difference, 0) * unanswered.n, 1)


def _open_facts(one: QuestionOutcome, end_ms: int) -> OpenFacts:
    until_ms = end_ms if one.closed_at_ms is None else min(one.closed_at_ms, end_ms)
    return OpenFacts(
        market=one.market,
        topic=one.topic,
        product=one.product,
        text=one.text[:TEXT_CHARACTERS],
        asks=one.asks,
        first_asked_ms=one.first_asked_ms,
        waited_seconds=max(until_ms - one.first_asked_ms, 0) / 1000,
        outcome=one.outcome,
    )
