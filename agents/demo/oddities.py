"""What every open chat has too: spam, personal data, and texts written to break things."""

from typing import Final

from resonance.agents.demo.tables import oddities

EVERY_SECONDS: Final = 4

# Not in the data file: control characters there would fool whoever reads it.
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)> nice lamp",
    "'; DROP TABLE comments; --",
    "\u202egnp.pmal ecin\u202c",  # Reads backwards.
    "n\u0301\u0302\u0303\u0304\u0305i\u0306\u0307\u0308c\u0309\u030a\u030be\u0301\u0302 lamp",
    "{{7*7}} ${7*7} %s%s%n",
    "\u2067\u0645\u0631\u062d\u0628\u0627\u2069 <b>hello</b>",
    '=HYPERLINK("https://example.com","free lamp")',
    "\u200b\u200b\u200b\ufeff",  # Nothing to see at all.
    "\x00\x07\x1b[31mred\x1b[0m",
    "A" * 900,
)


def oddity(second: int) -> str | None:
    """Return the odd text that is written in this second, if any; all kinds take turns."""
    turn, left = divmod(second, EVERY_SECONDS)
    if left != EVERY_SECONDS - 1:
        return None
    kinds = (HOSTILE, oddities()["spam"], oddities()["personal"])
    kind = kinds[turn % len(kinds)]
    return kind[turn // len(kinds) % len(kind)]
