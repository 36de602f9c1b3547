"""Prices as chats and shops print them: what they may mean, and when that is not certain."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.currencies import minor_digits
from resonance.streams.importers import currency_marks, money
from resonance.streams.importers.currency_marks import CODES, MARKS, currencies_of
from resonance.streams.importers.money import price

LOCALES = [
    (",", "."),
    (".", ","),
    (" ", ","),
    ("\u00a0", ","),
    ("\u202f", "."),
    ("'", "."),
]


@pytest.mark.parametrize(
    ("text", "amount_minor", "currency"),
    [
        ("US$10.00", 1_000, "USD"),
        ("CA$5.00", 500, "CAD"),
        ("5,00 $ CA", 500, "CAD"),
        ("$5 CAD", 500, "CAD"),
        ("A$2.99", 299, "AUD"),
        ("NT$1,290", 129_000, "TWD"),
        ("R$ 12,50", 1_250, "BRL"),
        ("£10.00", 1_000, "GBP"),
        ("1 234,50 €", 123_450, "EUR"),
        ("1\u202f234,50\u00a0€", 123_450, "EUR"),
        ("€1.234", 123_400, "EUR"),
        ("€5.999", 599_900, "EUR"),
        ("0,5 €", 50, "EUR"),
        ("CHF 1’234.50", 123_450, "CHF"),
        ("5,- Kč", 500, "CZK"),
        ("12 345 ₽", 1_234_500, "RUB"),
        ("100 руб.", 10_000, "RUB"),
        ("₫100.000", 100_000, "VND"),
        ("100.000đ", 100_000, "VND"),
        ("Rp 150.000", 15_000_000, "IDR"),
        ("RM12.90", 1_290, "MYR"),
        ("฿1,290", 129_000, "THB"),
        ("₩12,000", 12_000, "KRW"),
        ("1200円", 1_200, "JPY"),
        ("JP¥370.00", 370, "JPY"),
        ("₹1,00,000.50", 10_000_050, "INR"),
        ("٥٫٥٠ ر.س", 550, "SAR"),
        ("PHP100.00", 10_000, "PHP"),
        ("clp 1.000", 1_000, "CLP"),
        ("KWD 1.2", 1_200, "KWD"),
    ],
)
def test_a_price_that_can_mean_one_thing_is_read_as_that(text, amount_minor, currency):
    read = price(text)
    assert (read.likeliest, read.ambiguous) == ((amount_minor, currency), False)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("¥370", [(370, "JPY"), (37_000, "CNY")]),
        ("￥１２００", [(1_200, "JPY"), (120_000, "CNY")]),
        ("¥9.90", [(990, "CNY")]),  # There is no tenth of a yen.
        ("KWD 1.234", [(1_234_000, "KWD"), (1_234, "KWD")]),
        ("KWD 0.500", [(500, "KWD")]),
        ("C$9", [(900, "CAD"), (900, "NIO")]),
        ("20 元", [(2_000, "CNY"), (2_000, "TWD")]),
    ],
)
def test_a_price_that_can_mean_several_gives_each_the_likeliest_first(text, readings):
    assert list(price(text).readings) == readings


def test_a_bare_dollar_sign_is_us_dollars_or_any_others():
    read = price("$5")
    assert read.ambiguous
    assert read.likeliest == (500, "USD")
    assert {currency for _, currency in read.readings} >= {"USD", "CAD", "AUD", "MXN", "SGD"}


@pytest.mark.parametrize(
    ("text", "expected", "currency"),
    [("$5", "AUD", "AUD"), ("¥370", "CNY", "CNY"), ("€5", "USD", "EUR"), ("kr 5", "NOK", "NOK")],
)
def test_the_markets_currency_settles_what_a_mark_leaves_open_and_nothing_else(
    text, expected, currency
):
    read = price(text, expected=expected)
    assert (read.likeliest.currency, read.ambiguous) == (currency, False)


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "$", "-$5", "$-5", "five dollars", "5 apples", "$5 $6", "$5 €", "€5 USD"),
        *(
            "₫12.50",
            "€5.9999",
            "1,2,3 €",
            "€01.23.456",
            "1.23.456 €",
            "1.5.5 €",
            "€1,2345",
            "$5k",
            "5%",
        ),
        *("5:30", "$" + "1" * 17, "$" + "1" * 5_000, "US" * 40, "€1.234.56,7"),
    ],
)
def test_what_is_no_price_is_none(text):
    assert price(text) is None


@given(
    st.sampled_from(sorted(CODES)),
    st.integers(0, 10**9),
    st.sampled_from(LOCALES),
    st.booleans(),
)
def test_what_any_locale_prints_is_read_as_it_was_meant(currency, amount_minor, locale, mark_first):
    thousands, point = locale
    digits = minor_digits(currency)
    whole, cents = divmod(amount_minor, 10**digits)
    number = f"{whole:,}".replace(",", thousands) + (f"{point}{cents:0{digits}}" if digits else "")
    read = price(f"{currency} {number}" if mark_first else f"{number} {currency}")
    assert (amount_minor, currency) in read.readings
    assert read.ambiguous in {False, digits == 3}


@given(st.text(st.sampled_from("$€¥RpkrUSDK .,'-0123456789\u00a0٣３½²"), max_size=30) | st.text())
def test_whatever_the_text_a_price_has_readings_within_what_an_event_can_hold(text):
    read = price(text)
    assert read is None or all(
        0 <= amount_minor <= 10**18 and currencies_of(currency) == (currency,)
        for amount_minor, currency in read.readings
    )


def test_every_mark_stands_for_codes_in_use_and_is_found_as_it_is_listed():
    for mark, currencies in MARKS.items():
        assert set(currencies) <= CODES
        assert currencies_of(mark) == currencies


def test_the_examples_in_the_documentation_hold():
    for module in (money, currency_marks):
        assert doctest.testmod(module).failed == 0
