"""Hindi and Arabic as chat writes them in Latin letters: "kitne ka hai", "3ayez da bkam"."""

import re
from typing import Final

import numpy as np

_HINDI_CONSONANTS: Final = {
    "क": "k",
    "ख": "kh",
    "ग": "g",
    "घ": "gh",
    "ङ": "n",
    "च": "ch",
    "छ": "chh",
    "ज": "j",
    "झ": "jh",
    "ञ": "n",
    "ट": "t",
    "ठ": "th",
    "ड": "d",
    "ढ": "dh",
    "ण": "n",
    "त": "t",
    "थ": "th",
    "द": "d",
    "ध": "dh",
    "न": "n",
    "प": "p",
    "फ": "f",
    "ब": "b",
    "भ": "bh",
    "म": "m",
    "य": "y",
    "र": "r",
    "ल": "l",
    "व": "v",
    "श": "sh",
    "ष": "sh",
    "स": "s",
    "ह": "h",
    "ड़": "d",
    "ढ़": "dh",
    "ज़": "z",
    "फ़": "f",
    "क़": "q",
    "ख़": "kh",
    "ग़": "g",
}
_HINDI_VOWELS: Final = {
    "अ": "a",
    "आ": "aa",
    "इ": "i",
    "ई": "ee",
    "उ": "u",
    "ऊ": "oo",
    "ऋ": "ri",
    "ए": "e",
    "ऐ": "ai",
    "ओ": "o",
    "औ": "au",
    "ऑ": "o",
    "ऍ": "e",
}
_HINDI_SIGNS: Final = {
    "ा": "aa",
    "ि": "i",
    "ी": "ee",
    "ु": "u",
    "ू": "oo",
    "ृ": "ri",
    "े": "e",
    "ै": "ai",
    "ो": "o",
    "ौ": "au",
    "ॉ": "o",
    "ॅ": "e",
}
_VIRAMA: Final = "्"
_NASAL: Final = frozenset("ंँ")
_NUKTA: Final = "़"
# Viewers spell one sound in several ways; the first is the commonest.
_HINDI_SPELLINGS: Final = {
    "aa": ("a", "a", "aa"),
    "ee": ("i", "i", "ee"),
    "oo": ("u", "u", "oo"),
    "v": ("v", "w"),
    "chh": ("ch", "chh"),
    "f": ("f", "ph"),
    "z": ("z", "j"),
}

# The vowel of a bare consonant, written "ə" here, is silent between two spoken syllables.
_SILENT: Final = re.compile(r"(?<=[aeiouə])([^aeiouə]h?)ə(?=[^aeiouə]h?[aeiou])")

_ARABIC_LETTERS: Final[dict[str, tuple[str, ...]]] = {
    "ا": ("a",),
    "أ": ("a", "2a"),
    "إ": ("e", "i"),
    "آ": ("a",),
    "ب": ("b",),
    "ت": ("t",),
    "ث": ("th", "s"),
    "ج": ("g", "j"),
    "ح": ("7", "h", "7"),
    "خ": ("5", "kh", "7'"),
    "د": ("d",),
    "ذ": ("z", "th"),
    "ر": ("r",),
    "ز": ("z",),
    "س": ("s",),
    "ش": ("sh", "ch"),
    "ص": ("s", "9"),
    "ض": ("d",),
    "ط": ("t", "6"),
    "ظ": ("z",),
    "ع": ("3", "3", "a"),
    "غ": ("gh", "8"),
    "ف": ("f",),
    "ق": ("q", "2", "k", "9"),
    "ك": ("k",),
    "ل": ("l",),
    "م": ("m",),
    "ن": ("n",),
    "ه": ("h", "ah"),
    "ة": ("a", "eh", "ah"),
    "و": ("w", "o", "ou"),
    "ي": ("y", "i", "ee"),
    "ى": ("a",),
    "ء": ("2",),
    "ئ": ("2",),
    "ؤ": ("o",),
}
_ARABIC_STRONG: Final = frozenset("بتثجحخدذرزسشصضطظعغفقكلمن")
_VOWELS: Final = ("a", "a", "e", "i", "o")
_VOWEL_SHARE: Final = 0.55  # Between two consonants: the script does not write short vowels.


def romanised_hindi(text: str, random: np.random.Generator) -> str:
    """Return Devanagari as a viewer may type it; a word's last vowel that is not spoken goes."""
    return " ".join(_hindi_word(word, random) for word in text.split())


def _hindi_word(word: str, random: np.random.Generator) -> str:
    sounds: list[str] = []
    inherent = False  # The "a" that a bare consonant holds.
    for character in word.replace(_NUKTA, ""):
        if character in _HINDI_CONSONANTS:
            sounds += ["ə"] * inherent + [_HINDI_CONSONANTS[character]]
            inherent = True
        elif character in _HINDI_SIGNS:
            sounds.append(_HINDI_SIGNS[character])
            inherent = False
        elif character == _VIRAMA:
            inherent = False
        else:
            sounds += ["ə"] * inherent
            inherent = False
            if character in _NASAL:
                sounds.append("n")
            else:
                sounds.append(_HINDI_VOWELS.get(character, character))
    written = "".join(_one_of(_HINDI_SPELLINGS.get(sound, (sound,)), random) for sound in sounds)
    return _SILENT.sub(r"\1", written).replace("ə", "a")


def romanised_arabic(text: str, random: np.random.Generator) -> str:
    """Return Arabic script as a viewer may type it, digits for the letters that Latin lacks."""
    return " ".join(_arabic_word(word, random) for word in text.split())


def _arabic_word(word: str, random: np.random.Generator) -> str:
    written = ""
    for index, letter in enumerate(word):
        if letter == "ا" and word[index + 1 : index + 2] == "ل" and index == 0:
            written += _one_of(("a", "e", "i"), random)  # The article.
            continue
        written += _one_of(_ARABIC_LETTERS.get(letter, (letter,)), random)
        pair = word[index : index + 2]
        if len(pair) > 1 and _ARABIC_STRONG.issuperset(pair) and random.random() < _VOWEL_SHARE:
            written += _one_of(_VOWELS, random)
    return written


def _one_of(choices: tuple[str, ...], random: np.random.Generator) -> str:
    return choices[int(random.integers(len(choices)))] if len(choices) > 1 else choices[0]
