"""Pseudonyms: the only form in which a viewer leaves the scoring hop."""

from hashlib import blake2b
from typing import Final

PSEUDONYM_BYTES: Final = 8
KEY_BYTES: Final = 32


def pseudonym(key: bytes, platform: str, viewer_id: str) -> str:
    """Return 16 hexadecimal digits: BLAKE2b of platform and viewer id, keyed (RFC 7693).

    Without the key a pseudonym cannot be guessed from a list of ids, as a plain hash could.

    >>> pseudonym(bytes(32), "youtube", "UC1") == pseudonym(bytes(32), "twitch", "UC1")
    False
    """
    # The length before the platform keeps ("ab", "c") and ("a", "bc") apart; a lone surrogate
    # cannot be encoded strictly and must not stop the worker.
    message = f"{len(platform)}:{platform}:{viewer_id}".encode("utf-8", errors="surrogatepass")
    return blake2b(message, digest_size=PSEUDONYM_BYTES, key=key).hexdigest()
