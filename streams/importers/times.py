"""Whatever a file calls a time, to UTC milliseconds."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

# A number's size tells its unit: each range ends in the year 5138.
_SECONDS_BELOW: Final = 10**11
_MILLISECONDS_BELOW: Final = 10**14
_MICROSECONDS_BELOW: Final = 10**17
_NUMBER: Final = re.compile(r"\d{1,19}(?:\.\d{1,9})?")


def to_ms(value: object) -> int | None:
    """Return the time in UTC milliseconds since 1970, or None if it is none.

    Takes ISO 8601 (UTC unless it says otherwise) and seconds, milliseconds, microseconds or
    nanoseconds since 1970, as a number or as text.

    >>> to_ms("2020-08-29T18:00:11Z") == to_ms(1598724011) == to_ms("1598724011000000")
    True
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if _NUMBER.fullmatch(text):
        return _number_ms(text)
    return _iso_ms(text)


def _number_ms(text: str) -> int | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if number < _SECONDS_BELOW:
        return int(number * 1_000)
    if number < _MILLISECONDS_BELOW:
        return int(number)
    return int(number / (1_000 if number < _MICROSECONDS_BELOW else 1_000_000))


def _iso_ms(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    since_1970 = time - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = (since_1970.days * 86_400 + since_1970.seconds) * 1_000
    return milliseconds + since_1970.microseconds // 1_000
