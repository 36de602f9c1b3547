"""Questions as docs/measures.md has them: clusters that open, are answered, or go stale.

And what becomes of those who ask: whether they were answered, and whether they bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from faults.reference_rows import Scored, without_zeros

SAME_QUESTION_MS: Final = 300_000
STALE_AFTER_MS: Final = 600_000
OPEN_AT_ONCE: Final = 1_000
REPLIES_KNOWN: Final = 50  # Comments of a cluster to which a reply is recognised.
ASKERS_KNOWN: Final = 1_000
SHOWN: Final = 10
QUOTED: Final = 3
ANSWERED_WITHIN_SECONDS: Final = (15, 30, 60, 120, 180, 300, 600, 1_200)


class Ask(NamedTuple):
    """One comment that asks."""

    market: str
    viewer: str
    comment_id: str
    product: str
    at_ms: int
    said: Scored

    @property
    def topic(self) -> str:
        """The first of its topics, empty without one."""
        return self.said.topics[0] if self.said.topics else ""

    @property
    def about(self) -> tuple[object, ...]:
        """Return what makes two asks the same question: without a topic, the words."""
        words = () if self.topic else (self.said.text_key,)
        return (self.market, self.topic, self.product, *words)


@dataclass
class Question:
    """What one market asks of one topic and product."""

    first: Ask
    about: tuple[object, ...]
    asks: list[Ask] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The comments to which a reply closes it."""
        return [ask.comment_id for ask in self.asks[:REPLIES_KNOWN]]

    @property
    def askers(self) -> set[str]:
        """The viewers who ask it, as many as are kept."""
        return set([*dict.fromkeys(ask.viewer for ask in self.asks)][:ASKERS_KNOWN])

    def shown(self) -> dict[str, Any]:
        """Return the question as a total shows it."""
        return without_zeros(
            {
                "topic": self.first.topic,
                "product": self.first.product,
                "asks": len(self.asks),
                "askers": len(self.askers),
                "intents": sum("purchase_intent" in ask.said.signals for ask in self.asks),
                "languages": [*dict.fromkeys(ask.said.language for ask in self.asks)],
                "first_asked_ms": self.first.at_ms,
                "last_asked_ms": self.asks[-1].at_ms,
                "asked_by": self.ids[-QUOTED:][::-1],
            }
        )


class QuestionBook:
    """The open questions of a stream, oldest first, and its askers."""

    def __init__(self) -> None:
        self._open: list[Question] = []
        self._off_screen: list[tuple[str, int]] = []
        self._asked_in: dict[str, str] = {}  # Viewer -> market of the first question.
        self._answered: set[str] = set()
        self._bought: set[str] = set()

    def ask(self, ask: Ask) -> tuple[int, list[str]]:
        """Return 1 if it is a new question, and the markets of those that made room for it."""
        self._asked_in.setdefault(ask.viewer, ask.market)
        about = ask.about
        for question in self._open:
            if question.about == about and (
                ask.at_ms <= question.asks[-1].at_ms + SAME_QUESTION_MS
            ):
                question.asks.append(ask)
                return 0, []
        crowded_out = []
        if len(self._open) == OPEN_AT_ONCE:
            crowded_out.append(self._open.pop(0).first.market)
        self._open.append(Question(ask, about, [ask]))
        return 1, crowded_out

    def answer(
        self, reply_to: str | None, topics: Sequence[str], product: str, at_ms: int
    ) -> list[tuple[str, str]]:
        """Return market and time to answer (as rows name it) of what a host's words close."""

        def is_met(question: Question) -> bool:
            first = question.first
            if first.product == product and first.topic in topics:
                return True
            return reply_to is not None and reply_to in question.ids

        met = self._close([question for question in self._open if is_met(question)])
        for question in met:
            self._answered |= (question.askers & self._asked_in.keys()) - self._bought
        return [(q.first.market, _within(at_ms - q.first.at_ms)) for q in met]

    def buy(self, buyer: str) -> None:
        """Note a paid order."""
        if buyer in self._asked_in:
            self._bought.add(buyer)

    def askers(self, market: str | None) -> dict[str, int]:
        """Return what became of a market's askers; of all for None."""
        mine = {v for v, asked_in in self._asked_in.items() if market in {None, asked_in}}
        sets = {
            "asked": mine,
            "answered": mine & self._answered,
            "bought": mine & self._bought,
            "answered_bought": mine & self._answered & self._bought,
        }
        return without_zeros({name: len(viewers) for name, viewers in sets.items()})

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
            over = [question for question in self._open if question.first.product == product]
            stale += [(question.first.market, stale_ms) for question in self._close(over)]
        return stale

    def still_open(self, market: str | None) -> dict[str, Any]:
        """Return what waits for an answer: in a market's total the most wanted, too."""
        left = [question for question in self._open if market in {None, question.first.market}]
        oldest_ms = min((question.first.at_ms for question in left), default=None)
        ranked = sorted(left, key=_wanted) if market else []
        return {
            "questions_open": len(left),
            "question_oldest_ms": oldest_ms,
            "open_questions": [question.shown() for question in ranked[:SHOWN]],
            "askers": self.askers(market),
        }

    def _close(self, over: list[Question]) -> list[Question]:
        gone = {id(question) for question in over}
        self._open = [question for question in self._open if id(question) not in gone]
        return over


def _within(waited_ms: int) -> str:
    fitting = [bound for bound in ANSWERED_WITHIN_SECONDS if waited_ms <= bound * 1_000]
    return str(fitting[0]) if fitting else "more"


def _wanted(question: Question) -> tuple[int, int, str]:
    intents = sum("purchase_intent" in ask.said.signals for ask in question.asks)
    return -len(question.askers) - intents, question.first.at_ms, question.first.comment_id
