"""Which open questions to answer now, of the room or of one market."""

from collections.abc import Callable, Iterable

import msgspec

from resonance.agents.board.comments import Line
from resonance.agents.board.state import Stream
from resonance.streams.windows import ROOM, OpenQuestion

Texts = Callable[[Iterable[str]], dict[str, Line]]


class Waiting(msgspec.Struct, frozen=True):
    """One open question, and how its askers put it, as far as that is still at hand."""

    market: str
    topic: str
    product: str
    asks: int
    askers: int
    intents: int
    languages: tuple[str, ...]
    first_asked_ms: int
    wait_seconds: float
    rank: float
    texts: list[Line]


def answer_now(stream: Stream, texts: Texts, *, market: str = ROOM, count: int) -> list[Waiting]:
    """Return the questions that most want an answer: (askers + wishes to buy) x seconds waited.

    `texts` gives the comments of some ids. Time is the stream's own: an ended one waits no longer.
    """
    ranked = sorted(
        (
            (_rank(question, stream.position_ms), name, question)
            for name, group in stream.totals.items()
            if market in {ROOM, name}
            for question in group.row.open_questions
        ),
        key=lambda entry: (-entry[0], entry[1], entry[2].first_asked_ms, entry[2].topic),
    )[:count]
    lines = texts([one for _, _, question in ranked for one in question.asked_by])
    return [
        Waiting(
            market=name,
            topic=question.topic,
            product=question.product,
            asks=question.asks,
            askers=question.askers,
            intents=question.intents,
            languages=question.languages,
            first_asked_ms=question.first_asked_ms,
            wait_seconds=_wait_seconds(question, stream.position_ms),
            rank=rank,
            texts=[lines[one] for one in question.asked_by if one in lines],
        )
        for rank, name, question in ranked
    ]


def _rank(question: OpenQuestion, now_ms: int) -> float:
    return (question.askers + question.intents) * _wait_seconds(question, now_ms)


def _wait_seconds(question: OpenQuestion, now_ms: int) -> float:
    return max(now_ms - question.first_asked_ms, 0) / 1000
