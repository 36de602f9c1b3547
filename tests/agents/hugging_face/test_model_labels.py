"""What a model's labels mean: by their names, by the user's word, or not at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.errors import UsageError
from resonance.agents.hugging_face.labels import CLASSES, label_classes


@pytest.mark.parametrize(
    ("names", "meanings"),
    [
        (("negative", "neutral", "positive"), ("negative", "neutral", "positive")),
        (("POS", "NEG", "NEU"), ("positive", "negative", "neutral")),
        (("Negative", "Positive"), ("negative", "positive")),
        (
            ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
            ("negative", "negative", "neutral", "positive", "positive"),
        ),
        (("Very Negative", "very_positive"), ("negative", "positive")),
    ],
)
def test_names_that_leave_no_doubt_need_no_mapping(names, meanings) -> None:
    assert label_classes(names, "") == meanings


@pytest.mark.parametrize(
    ("names", "mapping", "meanings"),
    [
        (("LABEL_0", "LABEL_1"), "LABEL_1=positive, LABEL_0=negative", ("negative", "positive")),
        (("a=b", "c"), "a=b=negative,c=positive", ("negative", "positive")),
        # The user's word counts, not the name.
        (("positive", "negative"), "positive=negative,negative=positive", ("negative", "positive")),
    ],
)
def test_a_mapping_says_what_labels_mean(names, mapping, meanings) -> None:
    assert label_classes(names, mapping) == meanings


@pytest.mark.parametrize(
    ("names", "mapping", "said"),
    [
        (("LABEL_0", "LABEL_1"), "", "what do the model's labels LABEL_0, LABEL_1 mean?"),
        (("negative", "mixed", "positive"), "", "labels mixed mean? Set `model_labels`"),
        (("a", "b"), "a=negative", "labels b mean?"),
        (("a", "b"), "a=negative,b=bad", "says 'b=bad'; expected LABEL=CLASS"),
        (("a", "b"), "a=negative,c=positive", "says 'c=positive'"),
        (("a", "b"), "a=negative,a=positive", "says 'a=positive'"),
        (("a", "b"), "negative,positive", "once for each of a, b"),
        (("a", "b"), "a=negative,b=neutral", "must hold a negative and a positive one"),
        (("positive",), "", "has 1 labels"),
        (tuple(map(str, range(65))), "", "has 65 labels"),
    ],
)
def test_labels_that_are_not_understood_are_refused_by_name(names, mapping, said) -> None:
    with pytest.raises(UsageError) as refused:
        label_classes(names, mapping)
    assert said in str(refused.value)


@given(st.lists(st.text(max_size=9), max_size=4), st.text(max_size=60))
def test_any_labels_are_understood_or_refused(names, mapping) -> None:
    with suppress(UsageError):
        meanings = label_classes(names, mapping)
        assert len(meanings) == len(names)
        assert set(meanings) <= set(CLASSES)
