"""`/api/evidence`: what to look for, out of the address; what was found, as JSON."""

from collections.abc import Mapping
from typing import Final, get_args

import msgspec

from resonance.agents.board.answers import Waiting, answer_now
from resonance.agents.board.evidence import Evidence, Found, Wanted
from resonance.agents.board.state import Stream
from resonance.sentiment.scores import SentimentClass
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS
from resonance.streams.windows import ROOM

DEFAULT_SPAN_MS: Final = 180_000  # The window that a page's share is of.
QUESTIONS_SHOWN: Final = 20
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": get_args(SentimentClass),
    "signal": SIGNALS,
    "topic": TOPICS,
    "friction": FRICTION_CATEGORIES,
}
PARAMETERS: Final = ("stream", "market", "from_ms", "to_ms", *CHOICES)


class BadQueryError(ValueError):
    """The address asks for what there is not; the message says what there is."""


class Answer(msgspec.Struct, frozen=True):
    """The comments behind a number, and the questions that wait meanwhile."""

    found: Found
    questions: list[Waiting]


def wanted_of(query: Mapping[str, str], stream: Stream) -> Wanted:
    """Return what an address asks for; without times, the last three minutes of the stream.

    Raises BadQueryError, naming the parameter and what it takes.
    """
    for name in query:
        if name not in PARAMETERS:
            message = f"unknown parameter `{name}`; there are {', '.join(PARAMETERS)}"
            raise BadQueryError(message)
    for name, values in CHOICES.items():
        if query.get(name) and query[name] not in values:
            message = f"`{name}` is one of {', '.join(values)}"
            raise BadQueryError(message)
    # A bucket's number includes the bucket that the position lies in.
    to_ms = _milliseconds(query, "to_ms", stream.position_ms + 1)
    from_ms = _milliseconds(query, "from_ms", to_ms - DEFAULT_SPAN_MS)
    if from_ms >= to_ms:
        message = "`from_ms` must lie before `to_ms`"
        raise BadQueryError(message)
    chosen = {name: query.get(name) or None for name in CHOICES}
    return Wanted(
        stream=stream.name,
        market=query.get("market") or ROOM,
        from_ms=from_ms,
        to_ms=to_ms,
        **chosen,
    )


def _milliseconds(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 13):  # noqa: PLR2004 # Digits.
        message = f"`{name}` is a time in UTC milliseconds, as in 1760000000000"
        raise BadQueryError(message)
    return int(text)


def answer(evidence: Evidence, stream: Stream, wanted: Wanted) -> Answer:
    """Return everything that the evidence page shows."""
    return Answer(
        evidence.find(wanted),
        answer_now(
            stream,
            lambda ids: evidence.texts(stream.name, ids),
            market=wanted.market,
            count=QUESTIONS_SHOWN,
        ),
    )
