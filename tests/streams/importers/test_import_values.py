"""Times and amounts as files write them."""

import pytest

from resonance.streams.importers.money import minor_units
from resonance.streams.importers.times import to_ms

MOMENT_MS = 1_598_724_011_094


@pytest.mark.parametrize(
    "written",
    [
        1_598_724_011_094_885,
        1_598_724_011_094,
        1_598_724_011.094,
        "1598724011.094",
        "1598724011094885",
        "1598724011094885123",
        "2020-08-29T18:00:11.094Z",
        "2020-08-29T18:00:11.094",
        " 2020-08-29 18:00:11.094885 ",
        "2020-08-29T20:00:11.094+02:00",
    ],
)
def test_a_moment_is_the_same_however_it_is_written(written):
    assert to_ms(written) == MOMENT_MS


@pytest.mark.parametrize("written", ["", "soon", "18:00", -5, True, None, [], "1e400", "9" * 40])
def test_what_is_no_moment_is_none(written):
    assert to_ms(written) is None


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("10", "USD", 1_000),
        ("10.5", "USD", 1_050),
        ("1,234,567.89", "EUR", 123_456_789),
        ("1980", "JPY", 1_980),
        ("1980.00", "JPY", 1_980),
        ("1.234", "KWD", 1_234),
        ("0", "IDR", 0),
        ("9,50", "EUR", None),
        ("10.999", "USD", None),
        ("0.5", "JPY", None),
        ("-1", "USD", None),
        ("$10", "USD", None),
        ("", "USD", None),
        ("1e3", "USD", None),
    ],
)
def test_amounts_become_minor_units_of_their_currency_or_nothing(amount, currency, expected):
    assert minor_units(amount, currency) == expected
