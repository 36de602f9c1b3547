"""What a container's health check asks: is it ready, does it get on with its work?

    healthcheck.py ready URL       the address answers 200
    healthcheck.py progress URL    a worker's /metrics shows batches since the last check

Exit 0: healthy; 1: not, and why on stderr. Needs nothing but Python.
"""

import json
import re
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Final, NamedTuple
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

TIMEOUT_SECONDS: Final = 4
LAST_CHECK: Final = Path(gettempdir()) / "healthcheck.json"  # The container's own, in memory.
SAMPLE: Final = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)", re.MULTILINE)
BATCHES: Final = "resonance_event_lag_seconds_count"
WAITING: Final = "resonance_consumer_lag_messages"


class Progress(NamedTuple):
    """Batches done since the start, and records that wait (None: the worker cannot tell)."""

    batches: float
    waiting: float | None


def progress(exposition: str) -> Progress:
    """Return what a worker's /metrics says of its progress."""
    sums: dict[str, float] = {}
    for name, _, value in SAMPLE.findall(exposition):
        sums[name] = sums.get(name, 0.0) + float(value)
    return Progress(sums.get(BATCHES, 0.0), sums.get(WAITING))


def complaint(before: Progress | None, now: Progress) -> str | None:
    """Return what is wrong with the worker, or None.

    A worker may be idle, or stand by without a partition. Engagement never is idle while scoring
    runs, which ticks twice a second; so once it had work, having none is a fault too.
    """
    if before is None or now.batches != before.batches:  # Fewer: it was started anew.
        return None
    if now.waiting:
        return f"{now.waiting:.0f} records wait, and no batch was done since the last check"
    if now.waiting is None and now.batches:
        return "no batch was done since the last check: is scoring running?"
    return None


def main(arguments: list[str], last_check: Path = LAST_CHECK) -> int:
    """Run one check and return its exit status."""
    kind, url = arguments
    try:
        # Never by way of a proxy: the address is this container's own.
        with build_opener(ProxyHandler({})).open(url, timeout=TIMEOUT_SECONDS) as answer:
            text = answer.read().decode()
    except (URLError, OSError) as error:
        sys.stderr.write(f"{url} does not answer as it should: {error}\n")
        return 1
    if kind == "ready":
        return 0
    now = progress(text)
    wrong = complaint(_read(last_check), now)
    last_check.write_text(json.dumps(now))
    if wrong:
        sys.stderr.write(f"{wrong}\n")
    return int(wrong is not None)


def _read(last_check: Path) -> Progress | None:
    try:
        return Progress(*json.loads(last_check.read_text()))
    except (OSError, ValueError, TypeError):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
