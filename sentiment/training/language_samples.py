"""What the language detector learns from: open text, our own, words drawn from statistics."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from resonance.sentiment.language.letters import letters
from resonance.sentiment.language.own import OWN_LANGUAGES
from resonance.sentiment.language.scripts import script_of
from resonance.sentiment.matching import OPEN_END, without_accents
from resonance.sentiment.pack import LANGUAGES, parse
from resonance.sentiment.text import normalise
from resonance.sentiment.training.comments import read_comments
from resonance.sentiment.training.language_romanised import romanised_arabic, romanised_hindi
from resonance.sentiment.training.language_words import draw_words, read_shares
from resonance.sentiment.training.templates import expand

SCRIPTS: Final = ("latin", "arabic", "cyrillic")
NOT_DRAWN: Final = frozenset({"hi"})  # lingua knows it in Devanagari, which decides by itself.
# Nearly one written language, and only one of them has open text: what that text holds, and no
# more, must not read as Indonesian.
CLOSE: Final = frozenset({"id", "ms"})
LINGUA_NAMES: Final = {"no": "nb"}

DRAWN_WORDS: Final = 250_000
# Of each language, from each kind of source: how many texts of how many words.
PIECES: Final = ((28_000, 1, 1), (20_000, 2, 2), (16_000, 3, 12))
CORPUS_TEXTS: Final = 16_000
CLOSE_CORPUS_TEXTS: Final = 1_000
TEXT_MAX_WORDS: Final = 12  # Short pieces of long texts: chat is short.
AUTHORED_COPIES: Final = 12
PACK_COPIES: Final = 2
UNACCENTED_SHARE: Final = 0.25  # Of corpus texts; phones without the keyboard are common.
HINDI_SHARE: Final = 0.3  # Words of a Latin text that make it Hindi, not English.
COMMON_ENGLISH: Final = 8_000
HALF: Final = 0.5


class Sample(NamedTuple):
    """A text as the detector will read it."""

    text: str
    language: str


def read_samples(data: Path, ours: Path, seed: int) -> list[Sample]:
    """Return all samples: `data` holds the open sets, `ours` the comments we wrote."""
    random = np.random.default_rng(seed)
    found: list[Sample] = []
    own: defaultdict[str, list[str]] = defaultdict(list)
    for sample in own_texts(ours, random, seed):
        own[sample.language].append(sample.text)
    for language in OWN_LANGUAGES:
        texts = [*corpus_texts(data / "text" / "train", language, random), *own[language]]
        found += (Sample(text, language) for text in texts)
        words = [word for text in texts for word in text.split()]
        if words and language not in CLOSE:
            found += (Sample(text, language) for text in _pieces(words, random))
        if language not in NOT_DRAWN:
            shares = read_shares(LINGUA_NAMES.get(language, language))
            drawn = draw_words(shares, DRAWN_WORDS, random)
            found += (Sample(text, language) for text in _pieces(drawn, random))
    return [sample for sample in found if _is_of_use(sample)]


def _pieces(words: list[str], random: np.random.Generator) -> Iterator[str]:
    """Yield single words, pairs and short phrases; half as they come, half each word alike."""
    kinds = sorted(set(words))
    for count, least, most in PIECES:
        sizes = random.integers(least, most + 1, size=count)
        for size, each_alike in zip(
            sizes.tolist(), (random.random(count) < HALF).tolist(), strict=True
        ):
            pool = kinds if each_alike else words
            drawn = (random.random(size) * len(pool)).astype(int)
            yield " ".join([pool[index] for index in drawn.tolist()])


def own_texts(ours: Path, random: np.random.Generator, seed: int) -> Iterator[Sample]:
    """Yield what we wrote ourselves, less what the chain is measured on."""
    for text, language, copies in _written(ours, seed):
        for _ in range(copies):
            yield Sample(_typed(text, random), language)


def _written(ours: Path, seed: int) -> Iterator[tuple[str, str, int]]:
    """Yield a text, its language, and how often to copy it."""
    for path in sorted((ours / "authored").glob("*.tsv")):
        for text, language, *_ in read_comments(path):
            if not is_judged(text):
                yield text, language, AUTHORED_COPIES
    for row in expand(ours, seed):
        if row.split == "train":
            yield row.text, row.language, 1
    for path in sorted((ours / "questions").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            yield line.split("\t")[0], path.stem, 1
    for language in LANGUAGES:
        yield from ((phrase, language, PACK_COPIES) for phrase in _phrases(language))


def _phrases(language: str) -> list[str]:
    """Return the phrases of a pack that are whole words."""
    pack = files("resonance.sentiment.packs") / f"{language}.tsv"
    entries = parse(language, pack.read_text("utf-8"))
    return [
        entry.phrase.strip(OPEN_END) for entry in entries if not entry.phrase.endswith(OPEN_END)
    ]


def is_judged(text: str) -> bool:
    """Tell whether a comment is of the half that the chain is measured on."""
    return sha256(text.encode()).digest()[0] % 2 == 1


def corpus_texts(directory: Path, language: str, random: np.random.Generator) -> list[str]:
    """Return pieces of the open sets' texts of a language."""
    texts = sorted(
        {
            line.split("\t")[0]
            for path in directory.glob(f"*.{language}.tsv")
            for line in path.read_text("utf-8").split("\n")
            if line
        }
    )
    if language == "hi":
        texts = [*_hindi_in_latin(texts, directory), *(romanised_hindi(t, random) for t in texts)]
    if language == "ar":
        texts += [romanised_arabic(text, random) for text in texts if random.random() < HALF]
    chosen = random.permutation(len(texts))
    chosen = chosen[: CLOSE_CORPUS_TEXTS if language in CLOSE else CORPUS_TEXTS]
    return [_piece(_typed(texts[int(index)], random), random) for index in chosen]


def _typed(text: str, random: np.random.Generator) -> str:
    shown = letters(normalise(text))
    if random.random() > UNACCENTED_SHARE or "latin" not in map(script_of, shown):
        return shown
    return without_accents(shown)


def _piece(text: str, random: np.random.Generator) -> str:
    words = text.split()
    size = int(random.integers(1, TEXT_MAX_WORDS + 1))
    start = int(random.integers(max(1, len(words) - size + 1)))
    return " ".join(words[start : start + size])


def _hindi_in_latin(texts: list[str], directory: Path) -> Iterator[str]:
    """Yield the Latin texts of a Hindi set that are Hindi: many are English."""
    english = Counter(
        word
        for line in (directory / "goemotions-sentiment.en.tsv").read_text("utf-8").split("\n")
        for word in letters(normalise(line.split("\t")[0])).split()
    )
    common = {word for word, _ in english.most_common(COMMON_ENGLISH)}
    written = (word for phrase in _phrases("hi") for word in normalise(phrase).split())
    hindi = set(filter(str.isascii, written)) - common
    for text in texts:
        words = letters(normalise(text)).split()
        if words and sum(word in hindi for word in words) >= HINDI_SHARE * len(words):
            yield text


def _is_of_use(sample: Sample) -> bool:
    """Tell whether the chain would ask statistics about the text at all."""
    scripts = {script_of(character) for character in sample.text} - {None}
    return bool(scripts) and scripts <= set(SCRIPTS)
