"""Where the seconds of a page went, by the time stamps of the parts themselves.

Prometheus keeps when a rule first held and when its alert fired, and the streams' watermarks; our
receiver notes when the page came. What is asked here is asked of the Prometheus of the run.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

from aiohttp import ClientSession

from support.audience import Spike

ALERT: Final = "ResonanceNegativeSentimentSpike"
PAUSE_SECONDS: Final = 5.0  # A rule that did not hold for so long begins anew.
SPAN: Final = "40m"
BLIND_STEP_SECONDS: Final = 2.0  # The interval of its rule.

Samples = list[tuple[float, float]]  # Seconds since 1970, value; in order.
Series = dict[tuple[str, str], Samples]  # By stream and market.


class Recorded(NamedTuple):
    """What Prometheus has of all streams."""

    held: Series  # There while the rule of the spike holds.
    fired: Series
    watermarks: Series
    blind: Series  # There while a stream was behind, or nobody could be asked: pages are held.
    board_down: Samples  # Scrapes of the board that failed.


class Times(NamedTuple):
    """One page's seconds, from the turn of the mood; they add up to the whole."""

    evidence: float | None  # Until the comments that are complete would do.
    lag: float | None  # How old the newest complete comments were then, at Prometheus.
    waiting: float | None  # The rule's `for`, and the intervals of evaluation.
    sending: float | None  # Alertmanager, pager and its receiver.


async def recorded(prometheus: str) -> Recorded:
    """Return what Prometheus has. Raises `aiohttp.ClientError` when it does not answer."""
    async with ClientSession() as session:
        return Recorded(
            await _series(
                session, prometheus, "stream_market:resonance_comments_negative_share:spike"
            ),
            await _series(
                session, prometheus, f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}'
            ),
            await _series(session, prometheus, "resonance_watermark_timestamp_seconds"),
            await _series(session, prometheus, "stream:resonance_is_blind:bool"),
            [
                sample
                for samples in (await _series(session, prometheus, 'up{job="board"}')).values()
                for sample in samples
                if not sample[1]
            ],
        )


async def _series(session: ClientSession, url: str, selector: str) -> Series:
    parameters = {"query": f"{selector}[{SPAN}]"}
    async with session.get(f"{url}/api/v1/query", params=parameters) as answer:
        answer.raise_for_status()
        found = await answer.json()
    return {
        (one["metric"].get("stream", ""), one["metric"].get("market", "")): [
            (float(at), float(value)) for at, value in one["values"]
        ]
        for one in found["data"]["result"]
    }


def blind_seconds(spike: Spike, began: float, until: float, found: Recorded) -> float:
    """Return for how long between two moments the spike's stream was blind."""
    samples = found.blind.get((spike.stream, ""), [])
    return BLIND_STEP_SECONDS * sum(began <= at <= until for at, _ in samples)


def times_of(spike: Spike, began: float, told: float, found: Recorded) -> Times:
    """Return where a page's time went; `began` and `told` in seconds since 1970."""
    place = (spike.stream, spike.market)
    fired = next((at for at, _ in found.fired.get(place, ()) if at >= began), None)
    if fired is None:
        return Times(None, None, None, None)
    held = _held_since(found.held.get(place, []), began, fired)
    lag = _lag(found.watermarks.get((spike.stream, ""), []), held)
    return Times(held - began - lag, lag, fired - held, told - fired)


def _held_since(samples: Samples, began: float, fired: float) -> float:
    """Return since when the rule held without a pause when its alert fired."""
    since = last = fired
    for at, _ in reversed([sample for sample in samples if began <= sample[0] <= fired]):
        if last - at > PAUSE_SECONDS:
            break
        since = last = at
    return since


def _lag(watermarks: Samples, at: float) -> float:
    """Return how far the newest watermark that was known then lay behind."""
    known = bisect_right(watermarks, (at, float("inf")))
    return at - watermarks[known - 1][1] if known else 0.0
