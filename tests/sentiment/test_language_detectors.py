"""The detectors behind one protocol: what each promises, whatever it knows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.language.detectors import DETECTORS, detector_named
from resonance.sentiment.language.letters import letters
from resonance.sentiment.language.own import BUCKETS, OWN_LANGUAGES, OwnDetector, read_weights
from resonance.sentiment.language.shared import all_telling

PROSE = [
    ("das ist ein guter preis für diese jacke", "de"),
    ("dove posso comprare questi stivali neri", "it"),
    ("berapa harga baju ini kalau dikirim ke bandung", "id"),
    ("bu elbise kaç lira acaba", "tr"),
    ("сколько стоит доставка в казань", "ru"),
]
TEXTS = st.lists(st.text(max_size=60), max_size=5)


@pytest.fixture(params=DETECTORS)
def detector(request):
    if request.param == "lingua":
        pytest.importorskip("lingua", reason="the extra `lingua` is not installed")
    return detector_named(request.param)


def test_prose_is_told_by_each_detector(detector):
    likelihoods = detector.log_likelihoods([text for text, _ in PROSE])
    assert likelihoods.shape == (len(PROSE), len(detector.languages))
    for (_, language), row in zip(PROSE, likelihoods, strict=True):
        assert detector.languages[row.argmax()] == language


def test_a_row_does_not_depend_on_the_other_texts(detector):
    texts = [text for text, _ in PROSE]
    alone = np.concatenate([detector.log_likelihoods([text]) for text in texts])
    assert np.array_equal(detector.log_likelihoods(texts), alone)


def test_no_texts_are_no_rows(detector):
    assert detector.log_likelihoods([]).shape == (0, len(detector.languages))


@given(TEXTS)
def test_any_text_has_finite_likelihoods(texts):
    assert np.isfinite(OwnDetector().log_likelihoods(texts)).all()


def test_the_weights_fit_the_code_and_the_package():
    weights = read_weights()
    assert weights.table.shape[0] == BUCKETS
    assert weights.output.shape == (weights.table.shape[1], len(OWN_LANGUAGES))
    assert weights.bias.shape == (len(OWN_LANGUAGES),)
    assert sum(array.nbytes for array in weights) < 2_500_000


def test_a_detector_that_is_not_there_is_refused_with_the_names_of_those_that_are():
    with pytest.raises(ValueError, match="own, langdetect, lingua"):
        detector_named("cld3")


def test_a_detector_without_its_package_names_the_remedy(monkeypatch):
    monkeypatch.setitem(DETECTORS, "lingua", ("a_package_nobody_has", "Detector"))
    with pytest.raises(ImportError, match=r"pip install 'resonance-live\[lingua\]'"):
        detector_named("lingua")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("berapa harga?", "berapa harga"),
        ("3ayez 2 da", "3ayez da"),  # A digit within a word is a letter of Arabic.
        ("b07 +1 10/10 12k a12", ""),  # Codes and amounts.
        ("@nana_shop see https://x.y/z www.a.b", "see"),
        ("c'est combien", "c'est combien"),
        ("😂😂 !!", ""),
        ("", ""),
    ],
)
def test_detectors_read_words_and_nothing_else(text, words):
    assert letters(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [("mine 5", ""), ("ok", ""), ("size l", ""), ("ok po", "po"), ("价", "价"), ("l'or", "l'or")],
)
def test_words_of_everybody_tell_nothing(text, words):
    assert all_telling([text]) == [words]
