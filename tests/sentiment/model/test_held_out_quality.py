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
    ALL: (84, 79, 84),
    "en": (76, 83, 88),
    "es": (78, 71, 68),
    "pt": (82, 78, 69),
    "fr": (85, 79, 88),
    "de": (80, 77, 81),
    "it": (88, 79, 81),
    "id": (85, 80, 89),
    "ms": (89, 81, 78),
    "th": (79, 73, 63),
    "vi": (82, 81, 94),
    "tl": (72, 81, 87),
    "ar": (86, 84, 87),
    "ja": (84, 80, 90),
    "ko": (86, 78, 80),
    "zh": (82, 73, 76),
    "ru": (86, 78, 78),
    "tr": (84, 78, 87),
    "hi": (78, 81, 89),
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
