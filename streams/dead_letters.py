"""What could not be used: the reason, the place, and a masked excerpt; never the whole text."""

import re
from collections.abc import Collection
from hashlib import sha256
from typing import Final

import msgspec

from resonance.sentiment.privacy import mask_personal_data
from resonance.streams.events import schema_version
from resonance.streams.reasons import Reason

EXCERPT_CHARACTERS: Final = 256
# Many producers write all but ASCII as escapes; the digits of a phone may be among them.
_ESCAPE: Final = re.compile(r"\\u(?!d[89a-f]|00(?:[01]|22|5c))([0-9a-f]{4})", re.IGNORECASE)

# The platform's id of a viewer, in the field that has it, or should; JSON may be within JSON.
_VIEWER_ID: Final = re.compile(
    r"""((?:viewer(?:_?id)?|(?:user|author|customer)_?id)\\*["']?\s*[:=]\s*)"""
    r"""(?:"(?:\\.|[^"\\])*"?|\\+"[^"]*"?|'[^']*'?|[^\s"',}\]]+)""",
    re.IGNORECASE | re.DOTALL,
)

_PSEUDONYM: Final = re.compile(r'"viewer":"(?P<viewer>[0-9a-f]{16})"')  # As the log has it.


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record set aside. Its whole bytes stay in the source topic under its retention."""

    v: int = msgspec.field(default_factory=schema_version)
    reason: Reason
    at: str = ""  # The field and the fault, as in "`text` is missing"; never a value.
    topic: str
    partition: int
    offset: int
    length: int
    sha256: str
    excerpt: str


class Retried(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="retried"):
    """What stands among the letters of a partition when some of them are sent once more.

    Written before (`done` false) and after: where only the first is found, the source partition
    from `from_offset` on tells by its headers which have come through.
    """

    v: int = msgspec.field(default_factory=schema_version)
    topic: str
    partition: int
    offsets: tuple[int, ...]
    from_offset: int  # Where the source partition ended beforehand.
    done: bool


RETRY_HEADER: Final = "resonance-retry-of"  # The offset that a record first came at.

_letters: Final = msgspec.json.Decoder(DeadLetter)
_retries: Final = msgspec.json.Decoder(Retried)


def read_letter(value: bytes | None) -> DeadLetter | Retried | None:
    """Return what a record of `dead-letters` says; None for what another program wrote there."""
    for decoder in (_letters, _retries):
        try:
            return decoder.decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return None


def dead_letter(
    value: bytes | None, reason: Reason, at: str, *, topic: str, partition: int, offset: int
) -> DeadLetter:
    """Return the dead letter for a record's bytes; the excerpt is masked and cut to 256.

    A viewer's own id is masked like personal data: it stays in the raw topic. What came too late
    was scored, and has a pseudonym in its place, by which `without_erased` knows whose it is.
    """
    raw = value or b""
    # Four bytes is the longest character; masking may need a little context past the cut.
    text = raw[: EXCERPT_CHARACTERS * 8].decode("utf-8", errors="replace")
    return DeadLetter(
        reason=reason,
        at=at,
        topic=topic,
        partition=partition,
        offset=offset,
        length=len(raw),
        sha256=sha256(raw).hexdigest(),
        excerpt=_masked(_unescaped(text), logged=reason is Reason.TOO_LATE)[:EXCERPT_CHARACTERS],
    )


def _unescaped(text: str) -> str:
    """Return JSON with its letters and digits as they are read; controls, quotes stay escaped."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)


def _masked(text: str, *, logged: bool) -> str:
    if not logged:
        return mask_personal_data(_VIEWER_ID.sub(r'\1"<viewer>"', text))
    found = _PSEUDONYM.search(text)
    start, end = found.span() if found else (0, 0)  # Its digits are no phone.
    return mask_personal_data(text[:start]) + text[start:end] + mask_personal_data(text[end:])


def without_erased(letter: DeadLetter, pseudonyms: Collection[str]) -> DeadLetter:
    """Return the letter, without its excerpt where that tells that it is one of these viewers'."""
    found = _PSEUDONYM.search(letter.excerpt) if letter.reason is Reason.TOO_LATE else None
    if found is None or found["viewer"] not in pseudonyms:
        return letter
    return msgspec.structs.replace(letter, excerpt="")
