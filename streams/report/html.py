"""A report as one HTML file: no script, no font, no picture from elsewhere; text stays text."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined

from resonance.sentiment.text import clean
from resonance.streams.measures import FAINT_BELOW, Share
from resonance.streams.report.drawing import draw
from resonance.streams.report.facts import Report
from resonance.streams.scoreboard.words import (
    MARKETS_SHOWN,
    V_ASKS,
    V_TITLES,
    score_lines,
)
from resonance.streams.wording import clock, duration, percent, words

TEMPLATES: Final = ("report.html.j2", "report.css")


def to_html(report: Report, *, build: str) -> str:
    """Return the page. `build` is its last line, and the only one that is not of the log."""
    template = environment().get_template("report.html.j2")
    return template.render(
        report=report,
        drawing=draw(report.timeline, report.pages.today),
        scoreboards=report.scoreboards[: 1 + MARKETS_SHOWN],
        titles=V_TITLES,
        asks=V_ASKS,
        build=build,
    )


@cache
def environment() -> Environment:
    """Return the templates, with everything escaped that is not said to be safe; nothing is."""
    folder = files("resonance.streams.report.templates")
    sources = {name: (folder / name).read_text("utf-8") for name in TEMPLATES}
    made = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clock": clock,
        "duration": duration,
        "percent": percent,
        "words": words,
        "share": share_words,
        "faint": lambda share: "faint" if share.n < FAINT_BELOW else "",
        "shown": clean,  # Control and direction characters would reorder the page.
        "money": money,
        "day": day,
        "lines": score_lines,
    }
    return made


def share_words(share: Share) -> str:
    """Return a share with its interval and n, or a dash.

    >>> share_words(Share(0.52, 100, 0.42, 0.62)), share_words(Share(None, 0, 0.0, 1.0))
    ('52 % (42 % to 62 %, n 100)', '–')
    """
    if share.value is None:
        return "–"
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)}, n {share.n:,})"


def money(minor: dict[str, int], digits: dict[str, int]) -> str:
    """Return sums of money by currency, never added up.

    >>> money({"EUR": 199_50, "JPY": 500}, {"EUR": 2, "JPY": 0})
    '199.50 EUR + 500 JPY'
    """
    sums = [f"{n / 10 ** digits[c]:,.{digits[c]}f} {c}" for c, n in minor.items() if n]
    return " + ".join(sums) or "–"


def day(at_ms: int) -> str:
    """Return a date, UTC, in words."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%A, %d %B %Y}"
