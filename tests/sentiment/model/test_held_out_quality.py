"""How well our own held-out comments are understood: floors, 2 points under what was measured.

No template and no comment of these taught a model, nor were phrases written from them. A hundred
comments of a language are few: the floors say what must not get worse, not how good it is.
"""

from collections import defaultdict

import pytest

from resonance.sentiment.evaluation.metrics import LabelTally, macro_f1
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.training.mix import own_rows
from resonance.sentiment.training.workshop import OURS
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

GROUPS = {"signals": SIGNALS, "topics": TOPICS, "friction": FRICTION_CATEGORIES}
ALL = "all"

# Macro-F1 in hundredths, of either tier: signals, topics, friction.
FLOORS = {
    ALL: (80, 77, 79),
    "en": (71, 80, 78),
    "es": (70, 71, 56),
    "pt": (70, 77, 61),
    "fr": (79, 74, 87),
    "de": (79, 80, 83),
    "it": (84, 81, 82),
    "id": (87, 80, 79),
    "ms": (81, 83, 59),
    "th": (83, 74, 57),
    "vi": (85, 84, 87),
    "tl": (79, 77, 77),
    "ar": (88, 79, 85),
    "ja": (84, 76, 87),
    "ko": (87, 74, 79),
    "zh": (76, 72, 72),
    "ru": (81, 70, 72),
    "tr": (81, 79, 88),
    "hi": (58, 77, 84),
}


@pytest.fixture(scope="module")
def measured():
    rows = [
        row
        for row in own_rows(OURS, seed=0)
        if row.split == "test" and row.source in {"authored", "templates"}
    ]
    found = {}
    for tier in ("model", "fast"):
        tallies = defaultdict(LabelTally)
        scores = Scorer(0, tier=tier).score_all([Request(row.text) for row in rows])
        for row, score in zip(rows, scores, strict=True):
            said = {*score.signals, *score.topics, *(f.category for f in score.friction)}
            for group, names in GROUPS.items():
                truth = {name for name in names if row.flags[name]}
                for language in (row.language, ALL):
                    tallies[language, group].add(truth, said & set(names))
        for (language, group), tally in tallies.items():
            found[tier, language, group] = 100 * macro_f1(tally.classes())
    return found


@pytest.mark.parametrize("tier", ["model", "fast"])
@pytest.mark.parametrize("language", FLOORS)
def test_held_out_comments_are_understood_as_well_as_they_were(measured, tier, language):
    found = {group: measured[tier, language, group] for group in GROUPS}
    floors = dict(zip(GROUPS, FLOORS[language], strict=True))
    assert all(found[group] >= floor for group, floor in floors.items()), (found, floors)


def test_every_language_has_a_floor():
    assert set(FLOORS) == {ALL, *LANGUAGES}
