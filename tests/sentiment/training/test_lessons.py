"""Lessons: short comments under headings that name their labels, all of them to learn from."""

import pytest

from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.text import normalise
from resonance.sentiment.training.lessons import lesson_rows, read_lessons
from resonance.sentiment.training.mix import own_rows
from resonance.sentiment.training.workshop import OURS


def written(folder, text):
    path = folder / "en.md"
    path.write_text(text, "utf-8")
    return path


def test_a_line_has_the_labels_of_the_heading_above_it(tmp_path):
    text = "# negative complaint price hard_sell:3\ntoo much\n# positive praise - -\nlovely\n"
    assert list(read_lessons(written(tmp_path, text))) == [
        ["too much", "en", "-", "negative", "complaint", "price", "hard_sell:3"],
        ["lovely", "en", "-", "positive", "praise", "-", "-"],
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("lovely\n", "line 1: a comment stands before the first heading"),
        ("# positive praise -\nlovely\n", "line 1: 3 labels, not 4"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path, text, place):
    with pytest.raises(ValueError, match=rf"en\.md, {place}"):
        list(read_lessons(written(tmp_path, text)))


def test_an_unknown_label_is_refused(tmp_path):
    written(tmp_path, "# positive joy - -\nlovely\n")
    with pytest.raises(ValueError, match="joy"):
        list(lesson_rows(tmp_path, seed=0))


def test_every_language_has_lessons_and_all_of_them_are_learned():
    rows = list(lesson_rows(OURS / "lessons", seed=0))
    assert {row.language for row in rows} == set(LANGUAGES)
    assert {row.split for row in rows} == {"train"}


def test_no_lesson_is_written_twice_or_is_a_comment_that_is_held_out():
    held_out = {
        (row.language, normalise(row.text))
        for row in own_rows(OURS, seed=0)
        if row.split != "train"
    }
    for path in sorted((OURS / "lessons").glob("*.md")):
        lessons = [(path.stem, normalise(columns[0])) for columns in read_lessons(path)]
        assert len(set(lessons)) == len(lessons)
        assert not held_out & set(lessons)
