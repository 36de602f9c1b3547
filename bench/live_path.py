"""From a line in a followed file to the number on /metrics: `python bench/live_path.py`.

Real Kafka, a worker, the board and `resonance import --follow`, each in a process of its own; lines
are appended one by one, and the board is asked until it shows each.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

BENCH: Final = Path(__file__).parent
# The tests' broker is the benchmarks' broker.
sys.path.insert(0, str(BENCH.parent / "tests"))
from support.kafka import KafkaBroker, default_jars, missing_kafka  # noqa: E402

LINES: Final = 20
LIMIT_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.05
SHOWN: Final = re.compile(r"^resonance_comments_total\{.*\} ([\d.]+)$", re.MULTILINE)


def main() -> int:
    """Append, wait, print the seconds that each line took; return the exit status."""
    jars = default_jars()
    if reason := missing_kafka(jars):
        print(f"cannot run: {reason}", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        KafkaBroker.running(jars, Path(folder) / "kafka") as broker,
    ):
        chat, port = Path(folder) / "chat.jsonl", _unused_port()
        chat.touch()
        environ = os.environ | {"RESONANCE_BROKER": broker.address, "XDG_STATE_HOME": folder}
        _resonance(["topics", "create"], environ).wait()
        follow = ["import", "--follow", str(chat), "--to", "kafka", "--stream", "live"]
        with (
            _running(["worker", "all"], environ),
            _running(["board", "--port", str(port)], environ),
            _running([*follow, "--market", "DE"], environ),
        ):
            # The first line waits for the processes to start: it is no measurement.
            _time_line(chat, port, 0)
            seconds = [_time_line(chat, port, number) for number in range(1, LINES + 1)]
    result = {
        "lines": LINES,
        "cores": len(os.sched_getaffinity(0)),
        "seconds_min": round(min(seconds), 2),
        "seconds_median": round(median(seconds), 2),
        "seconds_max": round(max(seconds), 2),
    }
    print(json.dumps(result))
    return 0


def _time_line(chat: Path, port: int, number: int) -> float:
    """Append one line and return after how many seconds the board counts it."""
    line = {
        "message_type": "text_message",
        "message": f"wo ist mein paket {number}",
        "message_id": f"m{number}",
        "timestamp": time.time_ns() // 1_000,
        "author": {"id": f"u{number}"},
    }
    began = time.monotonic()
    with chat.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    while (passed := time.monotonic() - began) < LIMIT_SECONDS:
        if _comments_shown(port) > number:  # As many were appended before, and seen.
            return passed
        time.sleep(LOOK_SECONDS)
    message = f"line {number} was not on /metrics within {LIMIT_SECONDS:.0f} s"
    raise RuntimeError(message)


def _comments_shown(port: int) -> float:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return sum(map(float, SHOWN.findall(answer.read().decode())))
    except (URLError, OSError):  # Not open yet.
        return 0.0


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _resonance(arguments: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "resonance.agents.cli", *arguments],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def _running(arguments: list[str], environ: dict[str, str]) -> Iterator[None]:
    process = _resonance(arguments, environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
