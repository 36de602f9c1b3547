"""Window rows of a replay -> `ALERTS`: when the spike rule of today would have fired.

Prometheus writes this series itself where a rule fires; nobody can ask it to do so for the past.
"""

from collections.abc import Mapping
from typing import Final

from resonance.agents.backfill.series import Key, Sample, Series, rows_by_stream
from resonance.agents.board.floors import AlertFloors
from resonance.streams.spikes import HOLD_MS, OURS, pages
from resonance.streams.windows import BUCKET_MS, ROOM

# As the rule labels it; its texts and links are no labels.
ALERT: Final = {
    "alertname": "ResonanceNegativeSentimentSpike",
    "alertstate": "firing",
    "severity": "page",
    "team": "live-ops",
}


def alert_series(rows: Mapping[str, bytes], floors: AlertFloors, replay_id: str) -> Series:
    """Return one series of ones for each market that would have paged, a sample per 10 s.

    They always have the label `replay`: what would have fired is not what did. Raises ValueError
    without an id to put there.
    """
    if not replay_id:
        message = "alerts of a replay need a label that tells them from those that fired"
        raise ValueError(message)
    found: Series = {}
    for stream, its_rows in rows_by_stream(rows).items():
        starts_ms = [row.start_ms or 0 for row in its_rows if row.market != ROOM]
        end_ms = max(starts_ms, default=0) + BUCKET_MS  # A page ends with its stream.
        of_markets = {row.market: floors.of(row.market) for row in its_rows}
        for page in pages(its_rows, OURS, of_markets):
            labels = {**ALERT, "stream": stream, "market": page.market, "replay": replay_id}
            key = Key("ALERTS", "gauge", tuple(labels.items()))
            times_ms = range(page.since_ms, min(page.until_ms + HOLD_MS, end_ms) + 1, BUCKET_MS)
            found.setdefault(key, []).extend(Sample(at_ms, 1.0) for at_ms in times_ms)
    return dict(sorted(found.items()))
