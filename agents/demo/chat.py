"""What viewers write and when: a sequence of lines, drawn from the texts by theme."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from resonance.agents.demo.cast import Cast, Viewer
from resonance.agents.demo.oddities import oddity
from resonance.agents.demo.running_order import (
    DURATION_SECONDS,
    FLASH_COMMENTS_PER_SECOND,
    FLASH_SECONDS,
    FLASH_WORD,
    GIVEAWAY_COMMENTS_PER_SECOND,
    GIVEAWAY_SECONDS,
    PRODUCT_THEMES,
    TROUBLE_COMMENTS_PER_SECOND,
    TROUBLE_SHARE,
    Trouble,
    chat_rate,
    on_screen,
    trouble_level,
)
from resonance.agents.demo.tables import oddities, texts

EMOJI: Final = "emoji"
TROUBLE: Final = "trouble_"  # Before the topic of what goes wrong.
THEME_WEIGHTS: Final = {
    "chat": 16,
    "laugh": 8,
    "praise": 18,
    "buy": 9,
    "price": 7,
    "shipping": 5,
    "stock": 4,
    "order_code": 3,
    "gripe": 4,
    EMOJI: 9,
    # Every market has a few such comments on any evening.
    "trouble_customs_tax": 0.4,
    "trouble_shipping": 0.6,
}
PRODUCT_WEIGHT: Final = 20
HELLO_UNTIL_SECOND: Final = 25
BYE_FROM_SECOND: Final = 113
GREETING_WEIGHT: Final = 60
COMMON_FIRST: Final = 3.2  # Above 1, the first texts of a theme come more often.
VOWELS: Final = "aeiou"
LONGER_SHARE, EMOJI_SHARE, MARKS_SHARE = 0.06, 0.06, 0.04


@dataclass(frozen=True, slots=True)
class Line:
    """One comment before it has an id: when it was written, in ms of the stream, by whom."""

    at_ms: int
    viewer: Viewer
    text: str


def lines(rng: Random, cast: Cast, trouble: Trouble) -> Iterator[Line]:
    """Yield every viewer's comment, second by second."""
    for second in range(DURATION_SECONDS):
        spread = trouble_level(second, trouble)
        for _ in range(_whole(rng, chat_rate(second))):
            viewer = cast.anyone()
            yield _line(rng, second, viewer, _ordinary(rng, second, viewer, trouble, spread))
        for _ in range(_whole(rng, TROUBLE_COMMENTS_PER_SECOND * spread)):
            viewer = cast.someone_in(trouble.market)
            yield _line(rng, second, viewer, _of_theme(rng, viewer, TROUBLE + trouble.topic))
        if second in GIVEAWAY_SECONDS:
            for _ in range(GIVEAWAY_COMMENTS_PER_SECOND):
                viewer = cast.anyone()
                yield _line(rng, second, viewer, _of_theme(rng, viewer, "giveaway"))
        if second in FLASH_SECONDS:
            for _ in range(FLASH_COMMENTS_PER_SECOND):
                yield _line(rng, second, cast.anyone(), FLASH_WORD)
        if (odd := oddity(second)) is not None:
            yield _line(rng, second, cast.anyone(), odd)


def _line(rng: Random, second: int, viewer: Viewer, text: str) -> Line:
    return Line(second * 1_000 + rng.randrange(1_000), viewer, text)


def _whole(rng: Random, rate: float) -> int:
    """Return `rate` rounded up or down by chance, so that a sum of them comes out right."""
    return int(rate) + (rng.random() < rate % 1)


def _ordinary(rng: Random, second: int, viewer: Viewer, trouble: Trouble, spread: float) -> str:
    if viewer.market == trouble.market and rng.random() < TROUBLE_SHARE * spread:
        return _of_theme(rng, viewer, TROUBLE + trouble.topic)
    weights = dict(THEME_WEIGHTS)
    if product := on_screen(second):
        weights[PRODUCT_THEMES[product]] = PRODUCT_WEIGHT
    if second < HELLO_UNTIL_SECOND:
        weights["hello"] = GREETING_WEIGHT * (1 - second / HELLO_UNTIL_SECOND)
    if second >= BYE_FROM_SECOND:
        weights["bye"] = GREETING_WEIGHT
    theme = rng.choices(list(weights), list(weights.values()))[0]
    return _of_theme(rng, viewer, theme)


def _of_theme(rng: Random, viewer: Viewer, theme: str) -> str:
    """Return a text of the viewer's language; small talk where the language has none of it."""
    known = oddities() if theme == EMOJI else texts(viewer.language)
    choices = known.get(theme) or known["chat"]
    skew = 1.0 if theme.startswith(TROUBLE) else COMMON_FIRST  # The angry find their own words.
    return _varied(rng, choices[int(len(choices) * rng.random() ** skew)])


def _varied(rng: Random, text: str) -> str:
    """Return the text as someone else would type it."""
    chance = rng.random()
    if chance < LONGER_SHARE:
        return text + text[-1] * rng.randint(2, 5) if text[-1] in VOWELS else text
    if chance < LONGER_SHARE + EMOJI_SHARE:
        return f"{text} {rng.choice(oddities()[EMOJI])}"
    if chance < LONGER_SHARE + EMOJI_SHARE + MARKS_SHARE:
        return text + "!" * rng.randint(1, 3)
    return text
