"""Postal addresses of Japan, Korea and China: from the large to the small, the number last."""

import re
from collections.abc import Iterator
from typing import Final

from resonance.sentiment.personal_data.spans import Span

LOOK_BACK: Final = 30  # Characters from the city to the number of the house.

_HAN: Final = r"一-鿿々〇ぁ-ゖァ-ヺ"
# A house in Japan; a gate, lane, building, unit or room in China.
_HOUSE: Final = re.compile(
    r"\d{1,4}(?:丁目|番地|-\d{1,4}-\d{1,4}|-\d{1,4}(?!\d))|\d{1,5}(?:(?P<gate>[号號])|[弄栋幢棟座]|[单單]元)"
)
_LARGER: Final = re.compile(rf"[{_HAN}][{_HAN}0-9]*\Z")
_PLACE: Final = re.compile(r"[省市区區县縣府県郡町村镇路街巷]|東京都|北海道|大道|小区|胡同")
_STREET: Final = re.compile(r"[路街巷弄段里]\Z|大道\Z|胡同\Z")  # "3号" alone is an item or a day.
_VERB: Final = re.compile(
    r".*(?:寄到|送到|发到|發到|寄|到|给|給|住所は|住在|地址|址|は|在|是|住|に)"
)
_SMALLER: Final = re.compile(
    rf"(?:[ 　]?(?:[{_HAN}]{{0,6}}\d{{1,4}}(?:-\d{{1,4}}){{0,2}}"
    r"(?:番地?|号室?|號|弄|栋|幢|棟|楼|樓|座|单元|單元|室|階|丁目)?|[a-z]座)){0,6}"
)
_POSTCODE_JP: Final = re.compile(r"〒\s?\d{3}-?\d{4}\s?\Z")
_POSTCODE_ALONE: Final = re.compile(r"〒\s?\d{3}-?\d{4}")

# What follows a number that is no house's: "2개", "7점", "1등", "100%".
_NOT_COUNTED: Final = r"(?![\d%~]|(?!번지|번길|에|으로|로|입니|이요|예요|요|이에)[가-힣])"
_KOREAN: Final = re.compile(
    r"(?:(?!역시|혹시|다시|잠시|즉시|수시|동시|접시|택시|표시|무시)[가-힣]{1,6}(?:시|군|구)\s|"
    r"(?:경기|강원|충청[남북]|전라[남북]|경상[남북]|제주)도\s){1,3}"
    rf"[가-힣0-9]{{1,12}}(?:로|길|동|리|읍|면)\s?\d{{1,5}}(?:-\d{{1,4}})?{_NOT_COUNTED}"
    r"(?:번지|번?길\s?\d{1,4})?(?:,?\s\d{1,4}[동호층](?![가-힣])){0,3}"
)
_KOREAN_STREET: Final = re.compile(
    r"[가-힣]{1,8}(?:로|길)\s?\d{1,3}번?길\s?\d{1,4}(?:,?\s\d{1,4}[동호층](?![가-힣])){0,3}"
)
_KOREAN_WORD: Final = re.compile("로|길|동|번지")


def find_east_asian(view: str) -> Iterator[Span]:
    """Yield postal addresses as they are written in Japan, Korea and China."""
    if _PLACE.search(view):
        yield from _chinese_and_japanese(view)
    elif "〒" in view:
        yield from (Span(*code.span(), "address") for code in _POSTCODE_ALONE.finditer(view))
    if _KOREAN_WORD.search(view):
        done = 0
        for pattern in (_KOREAN, _KOREAN_STREET):
            for found in pattern.finditer(view):
                if found.start() >= done:
                    yield Span(found.start(), found.end(), "address")
                    done = found.end()


def _chinese_and_japanese(view: str) -> Iterator[Span]:
    done = 0
    for house in _HOUSE.finditer(view):
        if house.start() < done:
            continue
        larger = _LARGER.search(view, max(done, house.start() - LOOK_BACK), house.start())
        if larger is None or not _PLACE.search(larger.group()):
            continue
        if house["gate"] and not _STREET.search(larger.group()):
            continue
        verb = _VERB.match(larger.group()[: _first_place(larger.group())])
        start = larger.start() + (verb.end() if verb else 0)
        code = _POSTCODE_JP.search(view, max(done, start - 12), start)
        smaller = _SMALLER.match(view, house.end())
        end = smaller.end() if smaller else house.end()
        yield Span(code.start() if code else start, end, "address")
        done = end


def _first_place(text: str) -> int:
    """Return where the first word for a place stands; what is before it may be a verb."""
    found = _PLACE.search(text)
    return found.start() if found else 0
