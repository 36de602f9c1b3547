"""Questions as docs/measures.md has them: clusters that open, are answered, or go stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

SAME_QUESTION_MS: Final = 300_000
STALE_AFTER_MS: Final = 600_000
OPEN_AT_ONCE: Final = 1_000
REPLIES_KNOWN: Final = 50  # Comments of a cluster to which a reply is recognised.


@dataclass
class Question:
    """What one market asks of one topic and product."""

    market: str
    about: tuple[object, ...]  # Topic and product; the words, where there is no topic.
    topic: str
    product: str
    first_ms: int
    last_ms: int
    ids: list[str]


class QuestionBook:
    """The open questions of a stream, oldest first."""

    def __init__(self) -> None:
        self._open: list[Question] = []
        self._off_screen: list[tuple[str, int]] = []

    def ask(
        self,
        market: str,
        topics: Sequence[str],
        product: str,
        text_key: int,
        at_ms: int,
        comment_id: str,
    ) -> tuple[int, list[str]]:
        """Return 1 if it is a new question, and the markets of those that made room for it."""
        topic = topics[0] if topics else ""
        about = (topic, product) if topic else ("", product, text_key)
        for question in self._open:
            same = question.market == market and question.about == about
            if same and at_ms <= question.last_ms + SAME_QUESTION_MS:
                question.last_ms = at_ms
                question.ids = [*question.ids, comment_id][:REPLIES_KNOWN]
                return 0, []
        crowded_out = []
        if len(self._open) == OPEN_AT_ONCE:
            crowded_out.append(self._open.pop(0).market)
        self._open.append(Question(market, about, topic, product, at_ms, at_ms, [comment_id]))
        return 1, crowded_out

    def answer(self, reply_to: str | None, topics: Sequence[str], product: str) -> list[str]:
        """Return the markets of the questions that a host's words close."""

        def is_met(question: Question) -> bool:
            on_topic = question.topic in topics and question.product == product
            return reply_to in question.ids or on_topic

        return self._close([question for question in self._open if is_met(question)])

    def off_screen(self, product: str, at_ms: int) -> None:
        """Give the questions on a product that left the screen their last minutes."""
        self._off_screen.append((product, at_ms + STALE_AFTER_MS))

    def on_screen(self, product: str) -> None:
        """Let the questions on a product that came back stay."""
        self._off_screen = [entry for entry in self._off_screen if entry[0] != product]

    def gone_stale(self, at_ms: int) -> list[tuple[str, int]]:
        """Return market and time of the questions that nobody answered in time."""
        stale = []
        for product, stale_ms in [entry for entry in self._off_screen if entry[1] <= at_ms]:
            self._off_screen.remove((product, stale_ms))
            over = [question for question in self._open if question.product == product]
            stale += [(market, stale_ms) for market in self._close(over)]
        return stale

    def still_open(self, market: str | None) -> dict[str, Any]:
        """Return how many are open, of all markets for None, and since when the oldest is."""
        left = [question for question in self._open if market in {None, question.market}]
        oldest_ms = min((question.first_ms for question in left), default=None)
        return {"questions_open": len(left), "question_oldest_ms": oldest_ms}

    def _close(self, over: list[Question]) -> list[str]:
        self._open = [question for question in self._open if all(question is not o for o in over)]
        return [question.market for question in over]
