"""The four V in words, for a page and for Markdown alike."""

from typing import Final, NamedTuple

from resonance.streams.measures import FAINT_BELOW
from resonance.streams.scoreboard.build import V, VName
from resonance.streams.scoreboard.measure import Measure
from resonance.streams.wording import duration, percent, words

MARKETS_SHOWN: Final = 12
V_TITLES: Final[dict[VName, str]] = {
    "variation": "Variation",
    "versatility": "Versatility",
    "value": "Value",
    "vibration": "Vibration",
}
V_ASKS: Final[dict[VName, str]] = {
    "variation": "Is it what this market wants, or a copied script?",
    "versatility": "Do viewers learn how it works and if it is for them?",
    "value": "Does what surrounds the product hold up?",
    "vibration": "Does the room come along?",
}
_BY_TOPIC: Final = "_complaints"
_NAMES: Final = {
    "hard_sell": "hard sell felt",
    "answered": "questions answered",
    "time_to_answer": "half of the answers within",
    "how_to_answered": "of those on usage, size, stock",
    "complaints": "complaints around the product",
    "collisions": "cultures colliding",
    "resonance": "resonance score",
    "returned_viewers": "viewers who had been here before",
}


def score_words(v: V) -> str:
    """Return a score with its interval and what is usual, or that there is too little evidence."""
    if v.score is None:
        return "too little evidence"
    usual = "" if v.usual is None else f"; usually {v.usual.points:.0f}"
    return f"{v.score.at:.0f} ({v.score.low:.0f} to {v.score.high:.0f}{usual})"


def measure_words(measure: Measure) -> str:
    """Return a measure's name, value and n.

    >>> measure_words(Measure(name="refunds", value=8.0, unit="per 100 orders", n=25, of="orders"))
    'refunds 8 per 100 orders (n 25)'
    """
    name = _NAMES.get(measure.name, words(measure.name))
    return f"{name} {_value(measure)} (n {measure.n:,})"


class Line(NamedTuple):
    """One line under a score."""

    text: str
    faint: bool  # It rests on little.


def score_lines(v: V) -> list[Line]:
    """Return what a score rests on; the topics of complaints share a line, the commonest first."""
    known = [measure for measure in v.measures if measure.value is not None]
    topics = [measure for measure in known if measure.name.endswith(_BY_TOPIC)]
    lines = []
    for measure in known:
        if measure not in topics:
            lines.append(Line(measure_words(measure), _faint(measure)))
        elif measure is topics[0]:
            listed = sorted(topics, key=lambda one: -(one.value or 0))
            parts = (
                f"{words(one.name.removesuffix(_BY_TOPIC))} {_number(one.value or 0)}"
                for one in listed
            )
            lines.append(Line(f"of these, {', '.join(parts)}", _faint(measure)))
    return lines


def _faint(measure: Measure) -> bool:
    return measure.n < FAINT_BELOW and measure.of != "streams"


def _number(value: float) -> str:
    """Return as many digits as can be taken in.

    >>> _number(136.84), _number(5.81), _number(8.0)
    ('137', '5.8', '8')
    """
    return f"{value:.0f}" if value >= 100 else f"{round(value, 1):g}"  # noqa: PLR2004


def _value(measure: Measure) -> str:
    value = measure.value or 0.0
    match measure.unit:
        case "share":
            return percent(value)
        case "seconds":
            return duration(value)
        case "times":
            return f"× {_number(value)}"
        case unit:
            return f"{_number(value)} {unit}"
