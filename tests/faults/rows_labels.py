"""C: names without end. Series and memory stay bounded, and what is counted stays exact."""

import itertools
import json
import random
import re
import string
from typing import Final
from urllib.request import urlopen

from faults.field import Field, Verdict
from faults.processes import rss_kib
from faults.rows_poison import send
from faults.story import Stream
from resonance.agents.board.labels import OTHER
from support.worker_processes import RESONANCE

MARKETS_AND_OTHERS: Final = 62  # 60 named ones, `other`, `unknown`.
BOARD_STREAMS: Final = 20
SERIES_OF_A_CELL: Final = 120  # Of one stream and market: signals, topics, windows, currencies.
MANY: Final = 100_000
STREAMS_HELD: Final = 4 * 2_000  # Of all partitions, by default.
MEMORY_MIB: Final = 256
WAIT_SECONDS: Final = 300.0
ADDRESS: Final = re.compile(r"http://[\w.:]+")
NAMED: Final = re.compile(r'stream="([^"]+)"')
LETTERS: Final = string.ascii_uppercase
ALL_MARKETS: Final = tuple(a + b for a, b in itertools.product(LETTERS, LETTERS))


def c1(field: Field) -> Verdict:
    """100 000 comments that declare markets and languages at random, most of them unknown."""
    dice = random.Random(1)
    languages = tuple(
        "".join(dice.choices(string.ascii_lowercase, k=dice.choice((2, 3)))) for _ in range(MANY)
    )
    many = Stream(
        "babel",
        MANY,
        declared=ALL_MARKETS,
        declaring=0.9,
        viewers=20_000,
        languages=languages,
        late=0,  # Sixty markets get names, in the order of events: a late one has no place in it.
        too_late=0,
        bursts=False,
    )
    address = _board(field)
    field.tell(many, per_second=5_000)
    verdict = field.verdict([many])
    markets = {key.split("|")[1] for key in field.rows() if key.startswith("babel|")} - {"*"}
    series, labels = _series(address)
    verdict.note = f"{len(markets)} markets in rows, {series:,} series"
    if len(markets) > MARKETS_AND_OTHERS:
        verdict.faults.append(f"{len(markets)} markets in rows")
    if series > BOARD_STREAMS * (MARKETS_AND_OTHERS + 1) * SERIES_OF_A_CELL:
        verdict.faults.append(f"{series} series")
    # Played after other rows, it may come after those that got the board's names: see P2.
    if "babel" not in labels and not (OTHER in labels and len(labels) > BOARD_STREAMS):
        verdict.faults.append("the board does not show the stream")
    return verdict


def c2(field: Field) -> Verdict:
    """100 000 viewers in a stream, and 100 000 streams of one comment each."""
    folding = field.processes["engagement"].pid
    crowd = Stream("crowd", MANY + 50_000, viewers=MANY, varieties=8, bursts=False)
    address = _board(field)
    before_kib = rss_kib(folding)
    field.tell(crowd, per_second=5_000)
    verdict = field.verdict([crowd])
    crowd_mib = (rss_kib(folding) - before_kib) / 1024
    before_kib = rss_kib(folding)
    send(field, [_lone_comment(number) for number in range(MANY)])
    field.wait(lambda: _lone(field) == MANY, f"a window of each of {MANY} streams", WAIT_SECONDS)
    field.wait(lambda: _totals(field) <= STREAMS_HELD, "few totals", WAIT_SECONDS)
    series, _ = _series(address)
    streams_mib = (rss_kib(folding) - before_kib) / 1024
    verdict.events += MANY
    verdict.expected, verdict.got = verdict.expected + MANY, verdict.got + _lone(field)
    verdict.note = f"memory {crowd_mib:+.0f} MiB for viewers, {streams_mib:+.0f} for streams"
    verdict.note += f"; {_totals(field):,} totals, {series:,} series"
    if series > BOARD_STREAMS * (MARKETS_AND_OTHERS + 1) * SERIES_OF_A_CELL:
        verdict.faults.append(f"{series} series")
    if streams_mib > MEMORY_MIB:
        verdict.faults.append(f"{streams_mib:.0f} MiB for {MANY} streams, at most {MEMORY_MIB}")
    return verdict


def _lone_comment(number: int) -> bytes:
    return (
        b'{"kind":"comment","id":"n%d","platform":"test","channel":"c%d","stream":"lone-%d",'
        b'"viewer_id":"v","text":"wow","occurred_at_ms":1700000000000,'
        b'"ingested_at_ms":1700000000000}'
    ) % (number, number % 1_000, number)


def _lone(field: Field) -> int:
    """Return how many comments the windows of the many streams hold: those stay."""
    rows = field.rows().items()
    return sum(
        json.loads(value).get("comments", 0)
        for key, value in rows
        if key.startswith("lone-") and "|*|" in key and not key.endswith("|total") and value
    )


def _totals(field: Field) -> int:
    """Return how many of the many streams have a total: those that the workers still hold."""
    rows = field.rows().items()
    return sum(
        key.startswith("lone-") and key.endswith("|*|total") and bool(value) for key, value in rows
    )


def _board(field: Field) -> str:
    """Return the address of the field's board, started when first asked for."""
    board = field.processes.get("board")
    if board is None:
        board = field.processes["board"] = field.workers.spawn([RESONANCE, "board", "--port", "0"])
    number = field.workers.number_of(board)
    field.wait(lambda: ADDRESS.search(field.workers.log(number)), "the board's address")
    return ADDRESS.search(field.workers.log(number))[0]


def _series(address: str) -> tuple[int, set[str]]:
    """Return how many series /metrics has, and the streams they name."""
    with urlopen(f"{address}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    series = [line for line in lines if line and not line.startswith("#")]
    return len(series), {name for line in series for name in NAMED.findall(line)}
