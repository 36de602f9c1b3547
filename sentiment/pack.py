"""The phrase packs: one file per language in `packs/`, read once, checked row by row."""

from collections import Counter
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from sys import intern
from typing import Final

import numpy as np

from resonance.sentiment.columns import Entries, Meaning, once
from resonance.sentiment.finding import PhraseFinder
from resonance.sentiment.matching import Entry
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

LANGUAGES: Final = (
    *("en", "es", "pt", "fr", "de", "it", "id", "ms", "th"),
    *("vi", "tl", "ar", "ja", "ko", "zh", "ru", "tr", "hi"),
)
PHRASE_MAX_CHARACTERS: Final = 60
PACK_MAX_ROWS: Final = 10_000
COMMON_MIN: Final = 3  # Times that a common word stands in spellings.

# What a row can say: the kind, the labels it may carry, and the bounds of its weight.
KINDS: Final[dict[str, tuple[frozenset[str], float, float]]] = {
    "signal": (frozenset(SIGNALS), 0.1, 1.0),  # Weights add up; 1 raises the flag.
    "topic": (frozenset(TOPICS), 0.1, 1.0),
    "friction": (frozenset(FRICTION_CATEGORIES), 1.0, 3.0),  # The weight is the severity.
    "valence": (frozenset({"-"}), -4.0, 4.0),  # One strong word is 2.
    "negator": (frozenset({"-"}), 1.0, 1.0),  # Turns what follows it in the clause.
    "loss": (frozenset({"-"}), 1.0, 1.0),  # Money, an order or patience lost: severity 3.
    "claim": (frozenset({"-"}), 1.0, 1.0),  # Beside a number it claims an item.
    "marker": (frozenset({"-"}), 0.1, 2.0),  # A word that gives its language away.
}
# What `packs/asking.tsv` says of a place in a comment, and `packs/variants.tsv` of an article: kind
# and label.
PLACES: Final = {
    "first": ("asks_first", "asks"),
    "first_not": ("asks_first", "not"),
    "last": ("asks_last", "asks"),
    "last_not": ("asks_last", "not"),
    "between": ("asks_between", "asks"),
    "between_not": ("asks_between", "not"),
    "filler": ("filler", "-"),
    "colour": ("variant", "colour"),
    "size": ("variant", "size"),
    "unit": ("variant", "unit"),
}


class PackError(ValueError):
    """A pack's row is wrong; the message names file, line and remedy."""


# Where packs are looked for, the first that has one; `use_packs` puts a folder before ours.
_folders: Final[list[Traversable]] = [files("resonance.sentiment.packs")]


def use_packs(folder: Traversable) -> None:
    """Read the packs of a folder in place of ours, file by file; what it lacks is ours.

    Once, before anything is scored: texts that are read by two sets of packs do not compare.

    Raises:
        PackError: the folder holds no pack, or packs have been read already.
    """
    if folder in _folders:
        return
    names = pack_names()
    if not any(folder.joinpath(name).is_file() for name in names):
        message = f"{folder} holds no pack: name its files as ours, {names[0]} for English"
        raise PackError(message)
    if phrases.cache_info().currsize:
        message = "packs have been read already: name the folder before the first text"
        raise PackError(message)
    _folders.insert(0, folder)


def pack_names() -> tuple[str, ...]:
    """Return the names of all files that make up the packs."""
    return tuple(f"{name}.tsv" for name in (*LANGUAGES, "asking", "variants", "emoji"))


def _read(name: str) -> str:
    found = (folder.joinpath(name) for folder in _folders)
    return next(file for file in found if file.is_file()).read_text(encoding="utf-8")


def parse(language: str, text: str) -> Entries:
    """Return the rows of one pack.

    A row is `kind<TAB>label<TAB>weight<TAB>phrase`; `#` starts a comment line.

    Raises:
        PackError: a row has a wrong number of columns, an unknown kind or label, or bounds broken.
    """
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if line and line[0] != "#"]
    rows = [lines[place].rpartition("\t") for place in places]
    said, _, phrases = zip(*rows, strict=True) if rows else ((), (), ())
    _, meaning_of = once(said)
    # Thousands of rows say the same: the first is checked, and each whose phrase is unfit.
    _, firsts = np.unique(meaning_of, return_index=True)
    lengths = np.fromiter(map(len, phrases), np.int64, len(phrases))
    unfit = np.flatnonzero((lengths < 1) | (lengths > PHRASE_MAX_CHARACTERS))
    meanings = []
    for row in sorted({*firsts.tolist(), *unfit.tolist()}):
        try:
            meanings.append(_meaning(language, lines[places[row]].split("\t")))
        except ValueError as error:
            msg = f"packs/{language}.tsv, line {places[row] + 1}: {error}"
            raise PackError(msg) from error
    if len(rows) > PACK_MAX_ROWS:
        msg = f"packs/{language}.tsv: {len(rows)} rows; at most {PACK_MAX_ROWS}"
        raise PackError(msg)
    return Entries(meanings, phrases, meaning_of, np.arange(len(rows)))


def _meaning(language: str, columns: list[str]) -> Meaning:
    """Return what a row says; raises `ValueError` where one of its columns is wrong."""
    if len(columns) != len(Entry.__struct_fields__) - 1:
        msg = f"{len(columns)} columns; write kind, label, weight, phrase"
        raise ValueError(msg)
    kind, label, number, phrase = columns
    if kind not in KINDS:
        msg = f"kind {kind!r} is none of {', '.join(KINDS)}"
        raise ValueError(msg)
    labels, lowest, highest = KINDS[kind]
    if label not in labels:
        msg = f"label {label!r} is none of {', '.join(sorted(labels))}"
        raise ValueError(msg)
    weight = _number(number)
    if not lowest <= weight <= highest:
        msg = f"weight {number} is not within {lowest} and {highest}"
        raise ValueError(msg)
    if not 0 < len(phrase) <= PHRASE_MAX_CHARACTERS:
        msg = f"the phrase has {len(phrase)} characters; 1 to {PHRASE_MAX_CHARACTERS}"
        raise ValueError(msg)
    return Meaning(language, intern(kind), intern(label), weight)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        msg = f"weight {text!r} is no number; write it as in 0.6"
        raise ValueError(msg) from None


def parse_asking(text: str, name: str = "asking") -> list[Entry]:
    """Return where phrases ask, or what they vary: a row is `language<TAB>place<TAB>phrase | …`.

    Raises:
        PackError: a row is none, or names a language or a place that there is not.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        language, place, phrase_list = (*line.split("\t"), "", "")[:3]
        if language not in LANGUAGES or place not in PLACES or not phrase_list:
            remedy = f"write language, one of {', '.join(PLACES)}, phrases"
            msg = f"packs/{name}.tsv, line {number}: {remedy}"
            raise PackError(msg)
        entries += [Entry(language, *PLACES[place], 1.0, p) for p in phrase_list.split(" | ")]
    return entries


def parse_emoji(text: str) -> dict[str, float]:
    """Return the valence of each emoji: a row is `valence<TAB>emoji emoji …`.

    Raises:
        PackError: a row is none, an emoji stands twice or is more than one code point.
    """
    valences: dict[str, float] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        valence, _, group = line.partition("\t")
        try:
            weight = _number(valence)
        except ValueError as error:
            msg = f"packs/emoji.tsv, line {number}: {error}"
            raise PackError(msg) from error
        for emoji in group.split():
            if len(emoji) > 1 or emoji in valences:
                msg = f"packs/emoji.tsv, line {number}: {emoji!a} stands twice, or is no bare emoji"
                raise PackError(msg)
            valences[emoji] = weight
    return valences


@cache
def phrases() -> PhraseFinder:
    """Return what finds every phrase of every language."""
    packs = [parse(language, _read(f"{language}.tsv")) for language in LANGUAGES]
    lists = [
        Entries.of(parse_asking(_read(f"{name}.tsv"), name)) for name in ("asking", "variants")
    ]
    return PhraseFinder(Entries.joined([*packs, *lists]))


@cache
def common_words() -> tuple[str, ...]:
    """Return the words that phrases hold again and again: what chat is likely to say first."""
    counts = Counter(chain.from_iterable(map(str.split, phrases().spellings.texts)))
    return tuple([word for word, count in counts.items() if count >= COMMON_MIN])


@cache
def emoji_valences() -> dict[str, float]:
    """Return the valence of each emoji that has one, from -3 to 3."""
    return parse_emoji(_read("emoji.tsv"))


@cache
def packs_version() -> str:
    """Return 12 hexadecimal digits that change with any change of any pack."""
    digest = sha256()
    for name in pack_names():
        digest.update(_read(name).encode())
    return digest.hexdigest()[:12]
