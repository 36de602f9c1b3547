"""The parts of postal addresses by language: `streets.tsv`, read once, one search a language."""

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

# No names of a street: the sentence goes on, as in "via whatsapp 2 foto".
_STOP_WORDS: Final = """
the on in of my to by per is it for and or at within from we will feet way more courier atm bank
pcs? ppl mins? hours? days? km miles? lakh crore online chat link app posta sms mail email dm
whatsapp wa dhl gls ups fedex pix paypal telegram instagram corriere
que se me y no es con porque por fica foi tá desde pela pelo com sem até quando vez perdem
ke di yg yang terus aja sama jalan dan kak hanya dengan kaki
die der das eine waren nur fois plus moda modası blok no rt rw kav correio dentro
"""
_STOP: Final = rf"(?!(?:{'|'.join(_STOP_WORDS.split())})\b)"
_WORD: Final = r"[^\W\d_]{2,20}(?:['’.-][^\W\d_]{1,20})?\.?"
_UNIT: Final = r"(?:m|km|meter|hari|pontos|años|anni|ans|jahre|dias?|días?|pcs|x)"
_PLACEHOLDERS: Final = {
    "<stop>": _STOP,
    "<word>": _WORD,
    "<name>": rf"(?:{_STOP}{_WORD}(?:\s|(?=,)))",
    "<n>": rf"\d{{1,5}}(?:[/-]\d{{1,4}})?(?:/?[a-d])?(?![\w%/]|[.,:]\d|\s{_UNIT}\b)",
}
_EDGE: Final = r"(?<![^\W_])"
_NEVER: Final = "(?!)"  # An empty alternative would match anywhere.


class Streets(NamedTuple):
    """What addresses of some languages are made of."""

    words: re.Pattern[str]  # Without one of these there is no address.
    parts: re.Pattern[str]  # With the groups `strong` and `weak`.


@cache
def streets() -> tuple[Streets, ...]:
    """Return the parts by group of languages, in the table's order."""
    table = files("resonance.sentiment.personal_data").joinpath("streets.tsv")
    groups: defaultdict[str, defaultdict[str, list[str]]]
    groups = defaultdict(lambda: defaultdict(list))
    for line in table.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            languages, what, pattern = line.split("\t")
            for placeholder, meaning in _PLACEHOLDERS.items():
                pattern = pattern.replace(placeholder, meaning)
            groups[languages][what].append(pattern)
    return tuple(_compiled(**rows) for rows in groups.values())


def _compiled(
    words: list[str], strong: list[str] | None = None, weak: list[str] | None = None
) -> Streets:
    alternatives = [
        f"(?P<{name}>{'|'.join(patterns or [_NEVER])})"
        for name, patterns in (("strong", strong), ("weak", weak))
    ]
    plain_words = "|".join(re.escape(word) for row in words for word in row.split("|"))
    return Streets(re.compile(plain_words), re.compile(f"{_EDGE}(?:{'|'.join(alternatives)})"))
