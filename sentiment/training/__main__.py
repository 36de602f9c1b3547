"""Make the models: `python -m resonance.sentiment.training all --data DIR`."""

import argparse
import sys
from pathlib import Path
from typing import Final

import torch

from resonance.sentiment.training import steps
from resonance.sentiment.training.tuning import tune
from resonance.sentiment.training.workshop import OURS, Workshop

DEVELOPMENT: Final = ("train",)
FINAL: Final = ("train", "val")


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    """Run one step, or all of them in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "step",
        choices=("teacher", "tokenizer", "transformer", "bags", "export", "tune", "flags", "all"),
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".cache/model"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path, default=OURS.parents[1] / "model" / "weights")
    parser.add_argument("--version", default="1")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    texts = arguments.data / "text" / "train"
    if not texts.is_dir():
        parser.error(f"--data: there is no folder {texts} to learn from")
    torch.set_num_threads(arguments.threads)
    shop = Workshop(arguments.data, arguments.work, arguments.seed)
    _make(shop, arguments)


def _make(shop: Workshop, arguments: argparse.Namespace) -> None:
    """Make what the step is named for; of what ships, "tune" and "flags" change a part."""
    asked = arguments.step
    if asked == "tune":
        tune(shop, arguments.weights, _report)
    if asked == "flags":
        steps.flags(shop, arguments.weights, _report)
    if asked in ("teacher", "all"):
        steps.teacher(shop, _report)
    if asked in ("tokenizer", "all"):
        steps.tokenizer(shop, _report)
    if asked in ("transformer", "all"):
        steps.transformer(shop, _report)
    if asked in ("bags", "all"):
        first = steps.SENTIMENT_BAG.seed
        steps.flag_bag(shop, _report)
        for splits, seeds in ((DEVELOPMENT, [first]), (FINAL, steps.STUDENTS)):
            for seed in seeds:
                steps.sentiment_bag(shop, splits, seed, _report)
    if asked in ("export", "all"):
        decided = steps.decision(shop, arguments.version, _report)
        steps.export(shop, decided, arguments.weights, _report)


if __name__ == "__main__":
    main()
