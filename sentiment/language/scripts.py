"""The alphabet of a text, and what it alone tells about the language."""

from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, are_letters

# Most letters of a text fall into these blocks; the rest counts as "other".
_BLOCKS: Final = (
    ("latin", 0x0041, 0x024F),
    ("latin", 0x1E00, 0x1EFF),
    ("greek", 0x0370, 0x03FF),
    ("cyrillic", 0x0400, 0x052F),
    ("hebrew", 0x0590, 0x05FF),
    ("arabic", 0x0600, 0x06FF),
    ("arabic", 0x0750, 0x077F),
    ("devanagari", 0x0900, 0x097F),
    ("bengali", 0x0980, 0x09FF),
    ("gurmukhi", 0x0A00, 0x0A7F),
    ("gujarati", 0x0A80, 0x0AFF),
    ("tamil", 0x0B80, 0x0BFF),
    ("telugu", 0x0C00, 0x0C7F),
    ("kannada", 0x0C80, 0x0CFF),
    ("malayalam", 0x0D00, 0x0D7F),
    ("thai", 0x0E00, 0x0E7F),
    ("lao", 0x0E80, 0x0EFF),
    ("burmese", 0x1000, 0x109F),
    ("hangul", 0x1100, 0x11FF),
    ("khmer", 0x1780, 0x17FF),
    ("kana", 0x3040, 0x30FF),
    ("hangul", 0x3130, 0x318F),
    ("han", 0x3400, 0x9FFF),
    ("hangul", 0xAC00, 0xD7AF),
)

LATIN_END: Final = max(last for name, _, last in _BLOCKS if name == "latin") + 1

_NAMES: Final = (None, *dict.fromkeys(name for name, _, _ in _BLOCKS), "other")
_LATIN, _KANA, _HAN = map(_NAMES.index, ("latin", "kana", "han"))

# Scripts that one language of live commerce writes.
_LANGUAGE_OF_SCRIPT: Final = {
    "thai": "th",
    "hangul": "ko",
    "greek": "el",
    "hebrew": "he",
    "bengali": "bn",
    "gurmukhi": "pa",
    "gujarati": "gu",
    "tamil": "ta",
    "telugu": "te",
    "kannada": "kn",
    "malayalam": "ml",
    "lao": "lo",
    "burmese": "my",
    "khmer": "km",
}

_UKRAINIAN: Final = frozenset("іїєґ")
_URDU: Final = frozenset("ٹڈڑںےہھ")
_PERSIAN: Final = frozenset("پچژگکی")
# Characters that Japan made, or simplified otherwise than China did.
_JAPANESE: Final = frozenset(
    "悪圧囲壱隠栄営駅円縁塩応桜価壊懐楽巻観関歓顔帰気亀戯拠挙暁勲駆恵渓経継軽鶏撃検権圏顕"
    "験厳広効鉱砕済斎剤桟歯児渋獣縦粛処乗剰縄嬢譲醸図粋酔髄瀬斉摂専戦銭繊捜挿巣総騒蔵臓続対帯沢"
    "択単団弾鋳庁聴懲鉄転伝徳読悩脳廃拝売発髪抜払仏変辺豊訳薬毎満黙様頼覧竜両猟緑塁霊齢労録込働"
)

LATIN_OUTWEIGHED: Final = 3  # Latin letters that one of another script outweighs.


@lru_cache(maxsize=16_384)
def script_of(character: str) -> str | None:
    """Return the script of a letter, "other" for a rare one, None for what is no letter."""
    if not character.isalpha():
        return None
    code_point = ord(character)
    for name, first, last in _BLOCKS:
        if first <= code_point <= last:
            return name
    return "other"


def scripts(normalised: str) -> Counter[str]:
    """Return how many letters of each script a text has."""
    if normalised.isascii():
        letters = sum(map(str.isalpha, normalised))
        return Counter(latin=letters) if letters else Counter()
    return Counter(filter(None, map(script_of, normalised)))


def main_script(counts: Counter[str]) -> str | None:
    """Return the script that decides about a text, or None where it has no letters.

    Loan words and product names are Latin: a third of another script outweighs them.
    """
    others = {name: n for name, n in counts.items() if name != "latin"}
    if others:
        if "kana" in others:  # Japanese mixes it with Han, and often has more Han than kana.
            others["kana"] += others.pop("han", 0)
        script, letters = max(others.items(), key=lambda item: item[1])
        if letters * LATIN_OUTWEIGHED >= counts["latin"]:
            return script
    return "latin" if counts["latin"] else None


def main_scripts(texts: Sequence[str]) -> list[str | None]:
    """Return the script that decides about each text, as `main_script` does, and faster."""
    counts = _letter_counts(texts)
    latin = counts[:, _LATIN].copy()
    counts[:, (0, _LATIN)] = 0
    has_kana = counts[:, _KANA] > 0
    counts[has_kana, _KANA] += counts[has_kana, _HAN]
    counts[has_kana, _HAN] = 0
    most = counts.max(axis=1)
    outweighs = (most > 0) & (most * LATIN_OUTWEIGHED >= latin)
    chosen = np.where(outweighs, counts.argmax(axis=1), np.where(latin > 0, _LATIN, 0))
    mixed = (counts > 0).sum(axis=1) > 1  # So rare that nothing is gained by a table.
    return [
        main_script(scripts(text)) if of_several else _NAMES[script]
        for text, script, of_several in zip(texts, chosen.tolist(), mixed.tolist(), strict=True)
    ]


def _letter_counts(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return how many letters of each of `_NAMES` each text has: [texts, scripts]."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    places = np.repeat(np.arange(len(texts)) * len(_NAMES), lengths) + _script_table().take(codes)
    return np.bincount(places, minlength=len(texts) * len(_NAMES)).reshape(-1, len(_NAMES))


@cache
def _script_table() -> NDArray[np.uint8]:
    """Return the script of each code point, as its place in `_NAMES`."""
    table = np.full(CODE_POINTS, len(_NAMES) - 1, np.uint8)
    for name, first, last in _BLOCKS:
        table[first : last + 1] = _NAMES.index(name)
    table[~are_letters()] = 0
    return table


def language_by_script(normalised: str, script: str | None) -> str | None:
    """Return the language that the alphabet alone decides, or None; `script` is the main one.

    >>> language_by_script("いくら", "kana")
    'ja'
    """
    if script == "kana":
        return _kana_or_han(scripts(normalised))
    if script == "han":
        return "ja" if _JAPANESE & set(normalised) else "zh"
    if script == "cyrillic":
        return "uk" if _UKRAINIAN & set(normalised) else "ru"
    if script == "arabic":
        return _arabic_script(set(normalised))
    if script == "devanagari":
        return "hi"
    return _LANGUAGE_OF_SCRIPT.get(script or "")


def _kana_or_han(counts: Counter[str]) -> str:
    # "の" decorates Chinese brand names: one kana among many Han is no Japanese sentence.
    return "zh" if counts["kana"] == 1 and counts["han"] > 5 else "ja"  # noqa: PLR2004


def _arabic_script(characters: set[str]) -> str:
    if characters & _URDU:
        return "ur"
    # Iraqi and Gulf Arabic write a lone Persian letter; two different ones are Persian.
    return "fa" if len(characters & _PERSIAN) > 1 else "ar"
