"""Minor units by ISO 4217, not by what shops print."""

import pytest

from resonance.streams.currencies import minor_digits


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2),
        ("USD", 2),
        ("IDR", 2),
        ("JPY", 0),
        ("VND", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("XYZ", 2),
    ],
)
def test_a_currency_has_the_digits_of_the_standard(currency, digits):
    assert minor_digits(currency) == digits
