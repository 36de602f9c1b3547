"""Measure the privacy filter: `python bench/privacy_quality.py [--split dev|held] [--missed]`.

The cases are hand-written and fictitious (`tests/support/privacy_cases.py` tells how they judge);
`held`, the half that the filter was not tuned on, gives the honest figure.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final, get_args

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from resonance.sentiment.personal_data.spans import Kind
from resonance.sentiment.privacy import mask_personal_data
from support.privacy_cases import Case, Tally, judge, read_cases

ROUNDS: Final = 20


def main() -> None:
    """Print precision and recall by language and kind, and how fast it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=["dev", "held"], default="held")
    parser.add_argument("--missed", action="store_true", help="Show the cases that went wrong.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    arguments = parser.parse_args()
    cases = [case for case in read_cases() if case.split == arguments.split]
    tally, wrong = judge(cases)
    keys = ("all", *get_args(Kind), *dict.fromkeys(case.language for case in cases))
    if arguments.json:
        rows = {key: _row(tally, key) for key in keys}
        print(json.dumps({"split": arguments.split, "cases": len(cases), "figures": rows}))
        return
    print(f"{arguments.split}: {len(cases)} cases, {_texts_per_second(cases):,.0f} texts/s")
    print(f"{'':8} {'private':>8} {'recall':>8} {'masked':>8} {'precision':>10}")
    for key in keys:
        row = _row(tally, key)
        print(
            f"{key:8} {row['private']:8} {row['recall']:8} {row['masked']:8} {row['precision']:10}"
        )
    if arguments.missed:
        for case in wrong:
            print(f"{case.language} {case.what}: {case.text}\n   {mask_personal_data(case.text)}")


def _row(tally: Tally, key: str) -> dict[str, float]:
    return {
        "private": tally.private[key],
        "recall": round(tally.recall(key), 3),
        "masked": tally.found[key],
        "precision": round(tally.precision(key), 3),
    }


def _texts_per_second(cases: list[Case]) -> float:
    texts = [case.text for case in cases] * ROUNDS
    start_seconds = time.process_time()
    for text in texts:
        mask_personal_data(text)
    return len(texts) / (time.process_time() - start_seconds)


if __name__ == "__main__":
    main()
