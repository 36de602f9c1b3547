"""How long a million archived comments take to become a report, and how much memory: two cores.

    python bench/replay_speed.py [--comments 1000000] [--data FOLDER]

The comments are those of real chats (`--data` or RESONANCE_DATA, with a folder `chat`), scored
once, re-timed to four hours of one stream, with so many texts made unique that 43 % occur once;
without the folder the demo's. Writing the archive is not measured. Each stage runs in a process of
its own, so that its memory is its own.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from feed import NATURAL_DISTINCT_SHARE, START_MS, recording

from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.archiving.writing import write_range
from resonance.sentiment.score import Scorer
from resonance.streams.archive.ranges import Gathering, LogState
from resonance.streams.codec import encode_log
from resonance.streams.events import Comment, LogEvent, LoggedStage, Place, ScoredComment, Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.importers.load import events_of_files
from resonance.streams.importers.options import Options
from resonance.streams.replaying.log import replay_log
from resonance.streams.report.build import build_report
from resonance.streams.report.html import to_html
from resonance.streams.scoring import ScoringHop

POOL_COMMENTS: Final = 10_000
STREAM: Final = "million"
SPAN_MS: Final = 4 * 3_600_000
VIEWERS: Final = 60_000
INTERVAL_MS: Final = 60_000
STAGES: Final = ("read", "replay", "report")


def pool(data: Path | None) -> list[ScoredComment]:
    """Return scored comments to draw from."""
    scorer = Scorer()
    hop = ScoringHop(scorer, bytes(32), Versions(*scorer.versions))
    raw = [event for event in _raw(data) if isinstance(event, Comment) and event.role == "viewer"]
    places = [(event, Place("bench", 0, number)) for number, event in enumerate(raw)]
    return [e for e in hop.score_all(places[:POOL_COMMENTS]) if isinstance(e, ScoredComment)]


def _raw(data: Path | None) -> Iterator[object]:
    if data is None:
        yield from recording(POOL_COMMENTS)
        return
    options = Options(markets=("US", "DE", "MX", "JP"))
    for path in sorted((data / "chat").iterdir()):
        with events_of_files([path], options) as imported:
            yield from imported


def log(comments: int, data: Path | None) -> Iterator[LogEvent]:
    """Yield the records of one long stream, between its markers."""
    rng, base = Random(1), pool(data)
    yield _marker("started", START_MS, 0, comments)
    for number in range(comments):
        at_ms = START_MS + number * SPAN_MS // comments
        one = base[number % len(base)]
        unique = rng.random() < NATURAL_DISTINCT_SHARE
        text = f"{one.text} {number}" if unique else one.text
        viewer = blake2b(b"%d" % rng.randrange(VIEWERS), digest_size=8).hexdigest()
        yield msgspec.structs.replace(
            one,
            id=f"bench-{number}",
            channel="bench",
            stream=STREAM,
            occurred_at_ms=at_ms,
            ingested_at_ms=at_ms,
            viewer=viewer,
            text=text,
            text_key=int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"),
            place=Place("comments-id", 0, number),
        )
    yield _marker("ended", START_MS + SPAN_MS, 1, comments)


def _marker(action: str, at_ms: int, offset: int, comments: int) -> LogEvent:
    ended = action == "ended"
    return LoggedStage(
        id=action,
        platform="bench",
        channel="bench",
        stream=STREAM,
        occurred_at_ms=at_ms,
        ingested_at_ms=at_ms,
        action="ended" if ended else "started",
        sources=None if ended else {"comments": 1},
        counts={"comments": comments, "stage": 2} if ended else None,
        stream_markets=("US", "DE", "MX", "JP"),
        place=Place("stage-id", 0, offset),
    )


def write(store: Store, events: Iterator[LogEvent]) -> None:
    """Write the archive in ranges of a minute of the log, as the hop does."""
    state, gathering = LogState(), Gathering(0, INTERVAL_MS)
    for offset, event in enumerate(events):
        at_ms = getattr(event, "ingested_at_ms", 0)
        if not gathering.takes(at_ms):
            state = write_range(store, "bench-id", 0, gathering, state).after
            gathering = Gathering(gathering.end, INTERVAL_MS)
        gathering.add(offset, at_ms, encode_log(event))
    write_range(store, "bench-id", 0, gathering, state)


def stage(name: str, folder: str) -> None:
    """Run one stage and print its figures."""
    began = time.perf_counter()
    found = read_streams(Store(folder), [STREAM])
    if name == "read":
        records = sum(1 for _ in found.records)
    else:
        past = replay_log(found.records, FoldSettings(), found.ticks)
        records = past.accounts.read
        digest = blake2b(b"".join(past.rows[key] for key in sorted(past.rows))).hexdigest()[:16]
        print(f"  {len(past.rows)} rows, digest {digest}")
    if name == "report":
        folded_seconds, folded_cpu = time.perf_counter() - began, time.process_time()
        page = to_html(build_report(past, STREAM), build="bench").encode()
        drawn_seconds = time.perf_counter() - began - folded_seconds
        drawn_cpu = time.process_time() - folded_cpu
        print(
            f"  of which the report: {drawn_seconds:.1f} s ({drawn_cpu:.1f} s of processor "
            f"time), {len(page):,} bytes of HTML"
        )
    seconds = time.perf_counter() - began
    cpu = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = records / seconds
    print(
        f"{name}: {records} records in {seconds:.1f} s ({rate:,.0f}/s; {cpu:.1f} s of "
        f"processor time), {memory:.0f} MB at most"
    )


def main() -> None:
    """Write an archive and replay it, or run one stage of that."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=os.environ.get("RESONANCE_DATA"))
    parser.add_argument("--archive", help="a folder that an earlier run has written")
    parser.add_argument("--stage", choices=STAGES)
    options = parser.parse_args()
    if options.stage:
        stage(options.stage, options.archive)
        return
    with TemporaryDirectory() as temporary:
        folder = options.archive or temporary
        if not options.archive or not Path(folder).is_dir():
            write(Store(folder), log(options.comments, options.data and Path(options.data)))
        for name in STAGES:
            command = [sys.executable, __file__, "--stage", name, "--archive", folder]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
