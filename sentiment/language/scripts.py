"""The alphabet of a text, and what it alone tells about the language."""

from collections import Counter
from functools import lru_cache
from typing import Final

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


def language_by_script(normalised: str, counts: Counter[str]) -> str | None:
    """Return the language that the alphabet alone decides, or None.

    >>> language_by_script("いくら", scripts("いくら"))
    'ja'
    """
    script = main_script(counts)
    if script == "kana":
        return _kana_or_han(counts)
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
