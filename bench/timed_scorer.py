"""Score texts in a process of its own and print what it took: `timed_scorer.py TIER`.

Called by `score_speed.py`. Says `Ready` once it could score, reads a JSON list of texts from
standard input, says `Done`; both as a line of JSON.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, get_args

import msgspec

from resonance.sentiment.score import BATCH_TEXTS, Request, Scorer, Tier

WARM_TEXT: Final = "ready"  # Its score reads packs and models.


class Ready(msgspec.Struct):
    """What a worker says before its first batch."""

    resident_mb: int


class Done(msgspec.Struct):
    """What a worker says after its last one."""

    seconds: float
    cpu_seconds: float
    resident_mb: int  # At its highest.


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts as the scorer takes them."""
    for start in range(0, len(texts), BATCH_TEXTS):
        yield texts[start : start + BATCH_TEXTS]


def work(tier: Tier) -> None:
    """Be a worker."""
    scorer = Scorer(tier=tier)
    scorer.score(WARM_TEXT)
    _say(Ready(_resident_mb("VmRSS")))
    texts = msgspec.json.decode(sys.stdin.buffer.read(), type=list[str])
    began, began_cpu = perf_counter(), process_time()
    for batch in batches(texts):
        scorer.score_all([Request(text) for text in batch])
    _say(Done(perf_counter() - began, process_time() - began_cpu, _resident_mb("VmHWM")))


def _say(what: Ready | Done) -> None:
    print(msgspec.json.encode(what).decode(), flush=True)


def _resident_mb(field: str) -> int:
    """Return this process's resident memory: VmRSS is now, VmHWM its highest."""
    status = Path("/proc/self/status").read_text("utf-8")
    [kibibytes] = re.findall(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(kibibytes) // 1024


if __name__ == "__main__":
    [tier] = [tier for tier in get_args(Tier) if tier == sys.argv[1]]
    work(tier)
