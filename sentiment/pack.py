"""The phrase packs: one file per language in `packs/`, read once, checked row by row."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from resonance.sentiment.matching import Entry, Trie
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

LANGUAGES: Final = (
    *("en", "es", "pt", "fr", "de", "it", "id", "ms", "th"),
    *("vi", "tl", "ar", "ja", "ko", "zh", "ru", "tr", "hi"),
)
PHRASE_MAX_CHARACTERS: Final = 60
PACK_MAX_ROWS: Final = 5_000

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


class PackError(ValueError):
    """A pack's row is wrong; the message names file, line and remedy."""


def _read(name: str) -> str:
    return files("resonance.sentiment.packs").joinpath(name).read_text(encoding="utf-8")


def parse(language: str, text: str) -> list[Entry]:
    """Return the rows of one pack.

    A row is `kind<TAB>label<TAB>weight<TAB>phrase`; `#` starts a comment line.

    Raises:
        PackError: a row has a wrong number of columns, an unknown kind or label, or bounds broken.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        place = f"packs/{language}.tsv, line {number}"
        columns = line.split("\t")
        if len(columns) != 4:  # noqa: PLR2004 - the four columns named above.
            msg = f"{place}: {len(columns)} columns; write kind, label, weight, phrase"
            raise PackError(msg)
        kind, label, weight, phrase = columns
        if kind not in KINDS:
            msg = f"{place}: kind {kind!r} is none of {', '.join(KINDS)}"
            raise PackError(msg)
        labels, lowest, highest = KINDS[kind]
        if label not in labels:
            msg = f"{place}: label {label!r} is none of {', '.join(sorted(labels))}"
            raise PackError(msg)
        if not lowest <= float(weight) <= highest:
            msg = f"{place}: weight {weight} is not within {lowest} and {highest}"
            raise PackError(msg)
        if not 0 < len(phrase) <= PHRASE_MAX_CHARACTERS:
            msg = f"{place}: the phrase has {len(phrase)} characters; 1 to {PHRASE_MAX_CHARACTERS}"
            raise PackError(msg)
        entries.append(Entry(language, kind, label, float(weight), phrase))
    if len(entries) > PACK_MAX_ROWS:
        msg = f"packs/{language}.tsv: {len(entries)} rows; at most {PACK_MAX_ROWS}"
        raise PackError(msg)
    return entries


@cache
def phrases() -> Trie:
    """Return every phrase of every language in one trie."""
    return Trie(entry for language in LANGUAGES for entry in parse(language, _read(f"{language}.tsv")))


@cache
def emoji_valences() -> dict[str, float]:
    """Return the valence of each emoji that has one, from -3 to 3."""
    rows = (line.split("\t") for line in _read("emoji.tsv").splitlines() if line[:1] != "#")
    return {emoji: float(valence) for valence, group in rows for emoji in group.split(" ")}


@cache
def packs_version() -> str:
    """Return 12 hexadecimal digits that change with any change of any pack."""
    digest = sha256()
    for name in (*LANGUAGES, "emoji"):
        digest.update(_read(f"{name}.tsv").encode())
    return digest.hexdigest()[:12]
