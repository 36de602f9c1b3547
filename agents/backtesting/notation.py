"""Samples -> promtool's notation of series, where a run of equal steps is one word.

_x3      three scrapes without a sample        4x2     4, and 4 twice more
4+1x2    4, 5, 6                               stale   the series ends here
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from resonance.agents.backtesting.series import Name

MISSING: Final = "_"
STALE: Final = "stale"


def series_name(name: Name) -> str:
    """Return the series as it is written in a query, its label values quoted.

    >>> series_name(("up", (("job", "board"), ("zone", "eu"))))
    'up{job="board", zone="eu"}'
    """
    metric, labels = name
    return f"{metric}{{{', '.join(f'{label}={quoted(value)}' for label, value in labels)}}}"


def quoted(text: str) -> str:
    r"""Return a text in quotes as PromQL reads it: backslash, quote and line ends escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def values(samples: Sequence[float | None]) -> str:
    """Return the samples of a series, one a scrape; None where the scrape had none.

    >>> values([None, None, 0.0, 0.0, 1.0, 2.0, 3.0, None])
    '_x2 0x1 1+1x2 stale'
    """
    words: list[str] = []
    for there, run in groupby(samples, lambda sample: sample is not None):
        found = list(run)
        if there:
            words += _steps([sample for sample in found if sample is not None])
            continue
        if words:  # As Prometheus does when a scrape no longer has it.
            words.append(STALE)
            del found[0]
        if found:
            words.append(f"{MISSING}x{len(found)}")
    return " ".join(words)


def _steps(samples: Sequence[float]) -> list[str]:
    words: list[str] = []
    at = 0
    while at < len(samples):
        step, end = 0.0, at + 1
        if end < len(samples):
            step = samples[end] - samples[at]
            # promtool adds step by step: only whole numbers come out as they went in.
            whole = samples[at].is_integer() and step.is_integer()
            while (step == 0 or whole) and (
                end < len(samples) and samples[end] - samples[end - 1] == step
            ):
                end += 1
        count = end - at - 1
        words.append(_word(samples[at], step if count else 0.0, count))
        at = end
    return words


def _word(first: float, step: float, count: int) -> str:
    if not count:
        return _number(first)
    change = f"{'+' if step > 0 else ''}{_number(step)}" if step else ""
    return f"{_number(first)}{change}x{count}"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
