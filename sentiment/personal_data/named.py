"""Numbers that the words before them name: an order, a parcel, an identity, a phone.

What has no name must look like what it is (`numbers`); behind "order no" any long number is one.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, cast

from resonance.sentiment.personal_data.numbers import is_money
from resonance.sentiment.personal_data.spans import Kind, Span, plain

DIGITS_MIN: Final = {"order": 6, "number": 7, "phone": 7}
NUMBERED_MIN: Final = 5  # Behind "no", "#", "№": it says itself that it is a number.

# "Order no. (# 4829103)": what stands between the cue and its number, and says that one comes.
_LINK: Final = re.compile(
    r"(?:[\s:.()=,-]|(?P<numbered>#|№|n[°o]|nr|nomor|nu?m(?:ber|ero|mer|arası|arasi)?|número|"
    r"numéro|numer|номер|id|ids|code|código|codice|kode|رقم|नंबर|नं|번호|号码|番号|编号|編號|号|號|"
    r"เลขที่|เลข|หมายเลข|hàng|takip|đơn)|di|de|da|của|is|adalah|es|é|è|est|ist|は|是|为|為|의|hai|я|"
    r"मेरा|le|la|me|at|al|on|ke|em|sur|an|на|على|auf|ko|fiscale?){0,7}"
)
_TOKEN: Final = {
    "order": re.compile(
        # A parcel's number may stand in fours.
        r"[0-9]{4}(?:[ -][0-9]{4}){2,3}(?![0-9])|"
        r"[a-z]{0,6}[-/]?[0-9][a-z0-9]{0,39}(?:[-_/][a-z0-9]{1,20}){0,5}"
    ),
    "number": re.compile(r"[a-z]{0,4}[0-9](?:[ .\-/]{0,3}[0-9]){0,33}[a-z]?(?![a-z])"),
    "phone": re.compile(r"[+(]{0,2}[0-9](?:[ .()/-]{0,3}[0-9]){6,14}(?![0-9])"),
}
# Too long for a lot or a colour: "#MX2039481".
_CODE: Final = re.compile(r"[#№]\s?[a-z]{0,4}-?(?!(?:19|20)[0-9]{6}(?![0-9]))[0-9]{7,20}(?!\w)")
_YEARS: Final = re.compile(r"(?:19|20)[0-9]{2}(?:[ /-]{1,3}(?:19|20)[0-9]{2})+")
_DIGIT: Final = re.compile(r"[0-9]")


@cache
def _cues() -> tuple[re.Pattern[str], dict[str, Kind]]:
    """Return the pattern that finds a cue, and what each cue names."""
    kinds: dict[str, Kind] = {}
    table = files("resonance.sentiment.personal_data").joinpath("cues.tsv")
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, _, words = line.split("\t")
            kinds |= dict.fromkeys(map(plain, words.split("|")), cast("Kind", kind))
    longest_first = sorted(kinds, key=lambda cue: (-len(cue), cue))
    return re.compile("|".join(map(re.escape, longest_first))), kinds


def find_named(view: str) -> Iterator[Span]:
    """Yield the numbers that stand behind what names them, from left to right."""
    pattern, kinds = _cues()
    if "#" in view or "№" in view:
        for code in _CODE.finditer(view):
            yield Span(code.start(), code.end(), "order")
        view = _CODE.sub(lambda code: "\x00" * len(code.group()), view)
    done = 0
    for cue in pattern.finditer(view):
        if cue.start() < done or not _stands_alone(view, cue):
            continue
        span = _number_after(view, cue.end(), kinds[cue.group()])
        if span is not None:
            yield span
            done = span.end


def _stands_alone(view: str, cue: re.Match[str]) -> bool:
    """Tell whether the cue is a word; in scripts without spaces anything is."""
    first, last = cue.group()[0], cue.group()[-1]
    before, after = view[cue.start() - 1 : cue.start()], view[cue.end() : cue.end() + 1]
    return not (_spaced(first) and _spaced(before)) and not (_spaced(last) and _spaced(after))


def _spaced(character: str) -> bool:
    """Tell whether a character is a letter of a script that sets spaces between words."""
    return character.isalpha() and character < "\u0e00"


def _number_after(view: str, at: int, kind: Kind) -> Span | None:
    link = _LINK.match(view, at)
    if link is None:
        return None
    token = _TOKEN[kind].match(view, link.end())
    if token is None or is_money(view, *token.span()):
        return None
    if _YEARS.fullmatch(token.group()):
        return None
    digits = "".join(_DIGIT.findall(token.group()))
    numbered = link["numbered"] is not None
    if len(digits) < (NUMBERED_MIN if numbered and kind == "order" else DIGITS_MIN[kind]):
        return None
    if digits.endswith("000") and not (numbered and kind == "order"):
        return None  # "order 1500000" is what it cost.
    if len(set(digits)) <= 2:  # noqa: PLR2004 - 5555, 8888, 23333.
        return None
    start = token.start()
    if view[start - 1] == "(" and ")" in token.group():
        start -= 1
    return Span(start, token.end(), kind)
