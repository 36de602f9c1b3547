"""Samples as promtool reads them: what is written is what was there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.backtesting.notation import quoted, series_name, values

SAMPLES = st.lists(st.one_of(st.none(), st.integers(0, 3).map(float), st.sampled_from([0.15, 2.5])))


def read(text: str) -> list[float | None]:
    """Return the samples by promtool's documented rules; `stale` is a scrape without a sample."""
    found: list[float | None] = []
    for word in text.split():
        if word == "stale":
            found.append(None)
        elif word.startswith("_"):
            found += [None] * int(word[2:])
        else:
            first, step, count = re.fullmatch(r"(-?[\d.]+?)([+-][\d.]+)?(?:x(\d+))?", word).groups()
            value = float(first)
            for _ in range(int(count or 0) + 1):
                found.append(value)
                value += float(step or 0)
    return found


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        ([None, None, 0.0, 0.0, 5.0], "_x2 0x1 5"),
        ([4.0, 5.0, 6.0, 6.0], "4+1x2 6"),
        ([9.0, 7.0, 5.0], "9-2x2"),
        ([1.0, None, None, None], "1 stale _x2"),
        ([0.15] * 3, "0.15x2"),
        ([], ""),
    ],
)
def test_runs_of_equal_steps_are_one_word(samples, text):
    assert values(samples) == text


@given(SAMPLES)
def test_every_sample_is_read_back_as_it_was(samples):
    assert read(values(samples)) == samples


def test_what_ends_is_stale_once_as_a_scrape_without_it_would_have_it():
    assert values([1.0, None, None, 2.0, None]) == "1 stale _x1 2 stale"


def test_label_values_are_quoted_whatever_is_in_them():
    assert quoted('a "b"\n\\') == '"a \\"b\\"\\n\\\\"'
    assert series_name(("up", (("job", 'a"'),))) == 'up{job="a\\""}'
