"""Measure language identification: `python bench/language_quality.py [--json]`.

Short prose of 24 languages against lingua and langdetect, each restricted to the same languages;
our authored comments (the half that nothing was written from) with what each step of the chain
gains; texts a second. Data: the folder named by RESONANCE_DATA. lingua wants the extra `lingua`.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from langdetect import LangDetectException
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from rules_quality import authored, print_figures
from timed_scorer import WARM_TEXT

from resonance.sentiment.comments import Comments
from resonance.sentiment.language.chain import CHAIN, Evidence, Stream, detect_all
from resonance.sentiment.language.detectors import Detector, detector_named
from resonance.sentiment.pack import LANGUAGES, phrases
from resonance.sentiment.text import normalise, without_emotes
from resonance.sentiment.vocabulary import UNDETERMINED

Answer = Callable[[Sequence[str], Sequence[str]], list[str]]  # Of texts, within languages.

SEED: Final = 1  # langdetect draws at random.


def evidence(
    texts: Iterable[str], languages: Sequence[str] = (), markets: Sequence[str] = ()
) -> Evidence:
    """Return what the chain looks at, as the scorer makes it; `markets` are one a text, or none."""
    comments = Comments.of([without_emotes(normalise(text)) for text in texts])
    streams = [Stream(tuple(languages), (market,)) for market in markets]
    return Evidence(comments, streams or [Stream(tuple(languages))] * len(comments), OWN)


OWN: Final = detector_named("own")


def ours(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """Answer as shipped: "und" below the floor, which counts as wrong."""
    return detect_all(evidence(texts, languages))


def by_lingua(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """Answer by lingua alone."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder  # noqa: PLC0415 - an extra.

    codes = [getattr(IsoCode639_1, language.upper()) for language in languages]
    detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
    found = map(detector.detect_language_of, texts)
    return [f.iso_code_639_1.name.lower() if f else UNDETERMINED for f in found]


def by_langdetect(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """Answer by langdetect alone, which knows no Malay."""
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.seed = SEED
    known = [tag for tag in factory.langlist if tag.split("-")[0] in languages]
    answers = []
    for text in texts:
        detector = factory.create()
        detector.set_prior_map({tag: float(tag in known) for tag in factory.langlist})
        detector.append(text)
        try:
            answers.append(detector.detect().split("-")[0])
        except LangDetectException:  # No letters that it knows.
            answers.append(UNDETERMINED)
    return answers


def measure_prose(rows: Sequence[Sequence[str]], answer: Answer) -> dict[str, object]:
    """Return the percentage right by kind, and by language within each kind."""
    languages = sorted({language for _, language, _ in rows})
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    found = answer([text for text, _, _ in rows], languages)
    for (_, language, kind), tag in zip(rows, found, strict=True):
        for key in ("all", kind, f"{kind} {language}"):
            total[key] += 1
            right[key] += tag == language
    percent = {key: round(100 * right[key] / total[key], 2) for key in sorted(total)}
    return {
        **{key: value for key, value in percent.items() if " " not in key},
        "by_language": {key: value for key, value in percent.items() if " " in key},
    }


def measure_comments(data: Path) -> dict[str, float]:
    """Return the percentage right of the held-out comments: as shipped, and without a part."""
    rows = list(authored(data, "held"))
    told = evidence([row.text for row in rows], (), [row.market for row in rows])
    unread = Comments(told.comments.texts, told.comments.forms, phrases().find_all([]))
    unknown = [Stream()] * len(rows)

    def right(
        comments: Comments = told.comments,
        streams: Sequence[Stream] = told.streams,
        detector: Detector = OWN,
        without: str = "",
    ) -> float:
        chain = [step for step in CHAIN if step.__name__ != without]
        found = detect_all(Evidence(comments, streams, detector), chain)
        return 100 * sum(a == b.language for a, b in zip(found, rows, strict=True)) / len(rows)

    return {
        "as shipped": right(),
        "market unknown": right(streams=unknown),
        "words of the packs unread": right(unread),
        "neither": right(unread, unknown),
        **{f"without {step.__name__}": right(without=step.__name__) for step in CHAIN},
        **{
            f"statistics by {name}": right(detector=detector_named(name))
            for name in ("langdetect", "lingua")
            if name != "lingua" or find_spec("lingua")
        },
    }


def measure_speed(texts: Sequence[str]) -> dict[str, float]:
    """Return texts a second in one thread, of texts that were never seen before."""
    ours([WARM_TEXT], ())  # Weights and packs are read.
    figures = {}
    began = time.perf_counter()
    told = evidence(texts)
    prepared = time.perf_counter()
    detect_all(told)
    ended = time.perf_counter()
    figures["texts"] = float(len(texts))
    figures["chain alone, texts/s"] = len(texts) / (ended - prepared)
    figures["with normal form and packs, texts/s"] = len(texts) / (ended - began)
    return figures


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    data = Path(os.environ.get("RESONANCE_DATA", "../shared/data"))
    if not data.is_dir():
        print(f"{data} is no folder: set RESONANCE_DATA", file=sys.stderr)
        return 2
    lines = (data / "lid" / "lingua_short.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    comments = [row.text for row in authored(data, "all")]
    figures: dict[str, object] = {
        "speed": measure_speed(sorted({*comments, *(row[0] for row in rows)})),
        "comments": measure_comments(data),
    }
    answers: dict[str, Answer] = {"own": ours, "langdetect": by_langdetect}
    if find_spec("lingua"):
        answers["lingua"] = by_lingua
    for title, kept in (
        ("24 languages", rows),
        ("our 18", [row for row in rows if row[1] in LANGUAGES]),
    ):
        figures[title] = {name: measure_prose(kept, answer) for name, answer in answers.items()}
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
