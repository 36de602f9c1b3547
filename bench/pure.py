"""What the hops cost without Kafka: decode, score, fold. One thread, in this process."""

from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Final

from feed import NATURAL_DISTINCT_SHARE, recording
from figures import Figure

from resonance.sentiment.score import Scorer
from resonance.streams.codec import Rejection, decode_log, decode_raw, encode_log, encode_raw
from resonance.streams.events import Place, Versions
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.scoring import ScoringHop, Unscorable

CACHED_COMMENTS: Final = 60_000
UNCACHED_COMMENTS: Final = 6_000
BATCH_RECORDS: Final = 1_000  # As many as a worker polls.


def pure_figures() -> list[Figure]:
    """Return events per second of decode + score with and without cache, and of the fold."""
    cached = [encode_raw(event) for event in recording(CACHED_COMMENTS)]
    natural = [
        encode_raw(event)
        for event in recording(UNCACHED_COMMENTS * 2, distinct_share=NATURAL_DISTINCT_SHARE)
    ]
    uncached = [encode_raw(event) for event in recording(UNCACHED_COMMENTS, distinct_share=1.0)]
    warm = _hop()
    _score(warm, cached[:10_000])
    logged = _score(warm, cached)
    return [
        _figure("decode + score + encode, text cached", cached, lambda: _score(warm, cached)),
        _figure("… 43 % of texts new", natural, lambda: _score(_hop(), natural)),
        _figure("… every text new", uncached, lambda: _score(_hop(), uncached)),
        _figure("decode + fold", logged, lambda: _fold(logged)),
    ]


def _figure(name: str, values: Sequence[bytes], work: Callable[[], object]) -> Figure:
    began, began_cpu = perf_counter(), process_time()
    work()
    return Figure(name, len(values), perf_counter() - began, process_time() - began_cpu)


def _hop() -> ScoringHop:
    scorer = Scorer()
    scorer.score("ready")  # Reads the packs.
    return ScoringHop(scorer, bytes(32), Versions(*scorer.versions))


def _score(hop: ScoringHop, values: Sequence[bytes]) -> list[bytes]:
    """Return the log of raw events, scored by batches as a worker does."""
    logged = []
    for start in range(0, len(values), BATCH_RECORDS):
        events = (decode_raw(value) for value in values[start : start + BATCH_RECORDS])
        placed = [
            (event, Place("bench", 0, start + offset))
            for offset, event in enumerate(events)
            if not isinstance(event, Rejection)
        ]
        logged += [
            encode_log(event)
            for event in hop.score_all(placed)
            if not isinstance(event, Unscorable)
        ]
    return logged


def _fold(values: Sequence[bytes]) -> None:
    fold = PartitionFold(FoldSettings())
    for offset, value in enumerate(values):
        event = decode_log(value)
        if not isinstance(event, Rejection):
            fold.apply(offset, event)
        if offset % BATCH_RECORDS == 0:
            fold.advance()
            fold.take_changed()
    fold.advance()
    fold.take_changed()
