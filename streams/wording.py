"""Numbers as people read them: times, lengths of time, shares and labels."""

from datetime import UTC, datetime


def clock(at_ms: int) -> str:
    """Return a time of day, UTC.

    >>> clock(1_760_000_000_000)
    '08:53:20 UTC'
    """
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """Return a length of time in the largest units that say enough.

    >>> duration(42), duration(150), duration(5_400)
    ('42 s', '2 min 30 s', '1 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 # Seconds in a minute.
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 # Minutes in an hour.
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def percent(share: float) -> str:
    """Return a share in whole per cent.

    >>> percent(0.526)
    '53 %'
    """
    return f"{share * 100:.0f} %"


def words(label: str) -> str:
    """Return a label of a vocabulary as words."""
    return label.replace("_", " ")
