"""What the command line says of an input, checked: the same for `import` and `replay`."""

import re
from collections.abc import Sequence
from typing import Final

from resonance.agents.errors import UsageError
from resonance.streams.codec import MAX_EVENT_BYTES
from resonance.streams.importers.options import Options

IDENTIFIER_CHARACTERS: Final = 256
_MARKET: Final = re.compile(r"[A-Z]{2}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


def stream_options(
    markets: Sequence[str],
    languages: Sequence[str],
    stream: str | None,
    channel: str | None,
    platform: str | None,
    max_event_bytes: int = MAX_EVENT_BYTES,
) -> Options:
    """Return the importers' options. Raises `UsageError`, naming the option and the remedy."""
    markets = [market.upper() for market in markets]
    languages = [language.lower() for language in languages]
    for market in markets:
        if not _MARKET.fullmatch(market) or market == "UK":
            hint = "GB" if market == "UK" else "US, DE or TH"
            message = f"--market {market!r} is not an ISO 3166-1 code of two letters, as {hint}"
            raise UsageError(message)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            message = f"--language {language!r} is not a BCP 47 primary tag, as en, th or fil"
            raise UsageError(message)
    for name, value in (("stream", stream), ("channel", channel), ("platform", platform)):
        if value is not None and not _is_identifier(value):
            message = f"--{name} needs 1 to {IDENTIFIER_CHARACTERS} characters of UTF-8"
            raise UsageError(message)
    return Options(
        stream=stream,
        channel=channel,
        platform=platform,
        markets=tuple(dict.fromkeys(markets)),
        languages=tuple(dict.fromkeys(languages)),
        max_event_bytes=max_event_bytes,
    )


def _is_identifier(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return 0 < len(value) <= IDENTIFIER_CHARACTERS
