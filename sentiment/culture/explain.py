"""Which rules explain a comment: those whose words stand in it, then those of what it is about."""

import re
from functools import cache
from typing import Final, NamedTuple

from resonance.sentiment.culture.rules import EVERYWHERE, Rule, RuleCategory, friction_rules
from resonance.sentiment.finding import PhraseFinder
from resonance.sentiment.matching import OPEN_END, Entry, matching_form
from resonance.sentiment.scores import Score
from resonance.sentiment.text import normalise
from resonance.sentiment.vocabulary import FrictionCategory, Topic

FRICTION_OF: Final[dict[RuleCategory, FrictionCategory]] = {
    "language_barrier": "language_barrier",
    "units_size_currency": "units_currency_size",
    "price_bargaining": "units_currency_size",
    "hard_sell_scarcity": "hard_sell",
    "religion_taboo_etiquette": "taboo_etiquette",
    "gesture_colour_number": "taboo_etiquette",
    "trust_counterfeit": "trust_counterfeit",
    "customs_tax_regulation": "customs_regulation",
}
_ABOUT_TOPIC: Final[dict[Topic, RuleCategory]] = {
    "customs_tax": "customs_tax_regulation",
    "authenticity": "trust_counterfeit",
    "size_units": "units_size_currency",
    "shipping": "shipping_time",
    "payment": "payment_method",
    "returns": "after_sales_returns",
}
# Only where their words stand: every "how much?" is about a price, few are about bargaining.
_BY_WORDS_ONLY: Final[frozenset[RuleCategory]] = frozenset(
    {"price_bargaining", "gesture_colour_number", "timezone_holiday"}
)
STEM_MIN_LETTERS: Final = 4  # From here on a cue may have an ending: "return" also in "returns".

_DIGITS: Final = re.compile(r"\d+")
_ANY_NUMBER: Final = "0"
_LETTER_NUMBER_SEAM: Final = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
# Arabic joins its article to a word, Korean its particles.
_AFFIXED: Final = re.compile(r"[\u0600-\u06ff\uac00-\ud7a3]")


class Explanation(NamedTuple):
    """A rule, and its cues that stand in the comment: none if only the subject fits."""

    rule: Rule
    cues: tuple[str, ...]


def explain(text: str, market: str | None, score: Score) -> tuple[Explanation, ...]:
    """Return the rules that explain a comment, the likeliest first.

    Rules whose cues stand in `text` come first, then those of the market about the friction and
    topics of its `score`. `market` is an ISO 3166-1 code; None: unknown, and then words alone
    lead to a market's rules.
    """
    subjects = _subjects(score)
    said = _cues_in(text)
    found = []
    for rule in friction_rules().values():
        about = rule.category in subjects
        cues = tuple(
            cue
            for cue in rule.cues
            if cue in said.get(rule.id, ()) and (about or not _is_number(cue))
        )
        by_words = bool(cues) and (market is None or rule.holds_in(market))
        by_subject = about and rule.category not in _BY_WORDS_ONLY and rule.holds_in(market)
        if by_words or by_subject:
            found.append(Explanation(rule, cues))
    return tuple(sorted(found, key=_likelihood))


def rules_of(market: str | None = None, category: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of a market, with those of all markets, in the table's order.

    `category` is the table's, or a friction category; None stands for every market or category.
    """
    return tuple(
        rule
        for rule in friction_rules().values()
        if (market is None or rule.holds_in(market))
        and category in {None, rule.category, FRICTION_OF.get(rule.category)}
    )


def _likelihood(explanation: Explanation) -> tuple[int, bool, bool, str]:
    rule, cues = explanation
    letters = sum(map(len, cues))
    return -letters, EVERYWHERE in rule.markets, not rule.verified, rule.id


def _subjects(score: Score) -> set[RuleCategory]:
    friction = {found.category for found in score.friction}
    found = {category for category, its in FRICTION_OF.items() if its in friction}
    found |= {_ABOUT_TOPIC[topic] for topic in score.topics if topic in _ABOUT_TOPIC}
    if "order_code" in score.signals:
        found.add("order_code_culture")
    return found


def _is_number(cue: str) -> bool:
    """Tell whether the cue is a bare number: 13 says something only where taboos are the subject.

    >>> [_is_number(cue) for cue in ("-70%", "12.345,60", "CF12")]
    [True, True, False]
    """
    return not any(map(str.isalpha, cue))


def _cues_in(text: str) -> dict[str, set[str]]:
    """Return the cues that stand in a text, by their rules' ids."""
    finder, cue_of = _cue_table()
    form = matching_form(normalise(text))
    found: dict[str, set[str]] = {}
    for read in (form, _DIGITS.sub(_ANY_NUMBER, form)):
        for _, _, spelling in finder.find(read):
            for entry in spelling.entries:
                found.setdefault(entry.label, set()).add(cue_of[entry])
    return found


@cache
def _cue_table() -> tuple[PhraseFinder, dict[Entry, str]]:
    """Return the matcher of all cues, and the cue of each of its entries."""
    cue_of = {
        Entry("", "cue", rule.id, 1.0, phrase): cue
        for rule in friction_rules().values()
        for cue in rule.cues
        for phrase in _phrases(cue)
    }
    return PhraseFinder(cue_of), cue_of


def _phrases(cue: str) -> set[str]:
    """Return a cue as phrases of a pack.

    >>> sorted(_phrases("CF12")), _phrases("refund"), _phrases("88")
    (['CF 0', 'CF0'], {'refund*'}, {'88'})
    """
    if _is_number(cue):
        return {cue}
    if _AFFIXED.search(cue):
        return {f"{OPEN_END}{cue}{OPEN_END}"}
    # A number beside words is an example: "CF12" stands for any code.
    numbered = _DIGITS.sub(_ANY_NUMBER, cue)
    last_word = numbered.split()[-1]
    opening = OPEN_END if last_word.isalpha() and len(last_word) >= STEM_MIN_LETTERS else ""
    return {f"{numbered}{opening}", f"{_LETTER_NUMBER_SEAM.sub(' ', numbered)}{opening}"}
