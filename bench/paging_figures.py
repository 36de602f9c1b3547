"""What the pages of a run came to, promise by promise; delays count from the turn of the mood."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from paging_times import ALERT, Recorded, blind_seconds, times_of

from support.audience import TOPIC, Spike, Stream
from support.paging import Told

MEDIAN_SECONDS: Final = 45.0
WORST_SECONDS: Final = 60.0
QUOTES: Final = 3
HELD_SECONDS: Final = 180.0  # The rule's keep_firing_for.
AFTER_SECONDS: Final = 600.0  # What is told so soon after a spike is still about it.
STREAM_HOURS: Final = 2.0

Row = dict[str, Any]


def spikes_of(streams: Sequence[Stream]) -> list[Spike]:
    """Return the spikes as they begin."""
    spikes = [stream.spike for stream in streams if stream.spike]
    return sorted(spikes, key=lambda spike: spike.begin_seconds)


def name_of(told: Told) -> str:
    """Return which alert a page is about."""
    key: str = told.page["key"]
    return dict(part.split("=", 1) for part in key.split(",") if "=" in part).get("alertname", "")


def is_about(told: Told, spike: Spike, began: float) -> bool:
    """Return whether a page is about a spike's market, at its time or soon after."""
    since, until = began + spike.begin_seconds, began + spike.end_seconds + AFTER_SECONDS
    same = (told.page["stream"], told.page["market"]) == (spike.stream, spike.market)
    return same and since <= told.at_seconds <= until


def row_of(
    stream: Stream, spike: Spike, told: Sequence[Told], began: float, found: Recorded, wall: float
) -> Row:
    """Return what one spike came to; `wall`: what to add to the monotonic clock for 1970's."""
    about = [one for one in told if is_about(one, spike, began)]
    its = [one for one in about if name_of(one) == ALERT]
    begun = [one for one in its if one.is_page("begun")]
    ended = [o.at_seconds - began - spike.end_seconds for o in its if o.is_page("over")]
    row: Row = {
        "stream": spike.stream,
        "market": spike.market,
        "per_minute": round(stream.rates[spike.market]),
        "began_seconds": round(spike.begin_seconds, 1),
        "seconds": None,
        "repeated": max(0, len(begun) - 1),
        "told_worse": sum(one.is_page("worse") for one in its),
        "over_seconds": round(ended[0]) if ended else None,
        "whole": bool(begun) and _is_whole(begun[0]),
        "others": sorted({name_of(o) for o in about if o.is_page("begun")} - {ALERT}),
    }
    if begun:
        since = began + spike.begin_seconds
        row["seconds"] = round(begun[0].at_seconds - since, 1)
        times = times_of(spike, since + wall, begun[0].at_seconds + wall, found)
        row |= {name: None if s is None else round(s, 1) for name, s in times._asdict().items()}
        over = [one.at_seconds for one in its if one.is_page("over")]
        until = over[0] if over else told[-1].at_seconds
        row["blind"] = blind_seconds(spike, since + wall, until + wall, found)
    return row


def _is_whole(told: Told) -> bool:
    """Return whether the page names the topic and quotes three comments; the market it does."""
    topics = [topic.partition(" ")[0] for topic in told.page["topics"]]
    return TOPIC in topics and len({quote["text"] for quote in told.page["quotes"]}) == QUOTES


def figures_of(
    streams: Sequence[Stream], told: Sequence[Told], began: float, found: Recorded, wall: float
) -> Row:
    """Return the figures of a run; `told` and `began` by the monotonic clock."""
    by_name = {stream.name: stream for stream in streams}
    spikes = spikes_of(streams)
    rows = [row_of(by_name[spike.stream], spike, told, began, found, wall) for spike in spikes]
    delays = [row["seconds"] for row in rows if row["seconds"] is not None]
    begun = [one for one in told if one.page["event"] == "begun"]
    apart = [one for one in begun if not any(is_about(one, spike, began) for spike in spikes)]
    return {
        "spikes": len(spikes),
        "paged": len(delays),
        "seconds_median": round(median(delays), 1) if delays else None,
        "seconds_worst": max(delays, default=None),
        "pages_whole": sum(row["whole"] for row in rows),
        "resolved": sum(row["over_seconds"] is not None for row in rows),
        "resolved_early": sum((row["over_seconds"] or HELD_SECONDS) < HELD_SECONDS for row in rows),
        "repeated": sum(row["repeated"] for row in rows),
        "told_worse": sum(row["told_worse"] for row in rows),
        "other_pages_about_a_spike": sum(len(row["others"]) for row in rows),
        "false_pages": [_said(o, began) for o in apart if _is_audience(o) and _wakes(o)],
        "pages_of_the_engine": [
            _said(o, began) for o in begun if _wakes(o) and not _is_audience(o)
        ],
        "tickets_apart": dict(Counter(name_of(o) for o in apart if not _wakes(o))),
        "tickets_about_a_spike": sum(not _wakes(o) for o in begun)
        - sum(not _wakes(o) for o in apart),
        "board_scrapes_failed": len(found.board_down),
        "each": rows,
    }


def _wakes(told: Told) -> bool:
    return bool(told.page["severity"] == "page")


def _is_audience(told: Told) -> bool:
    return "team=live-ops" in told.page["key"]


def _said(told: Told, began: float) -> str:
    return f"{told.at_seconds - began:.0f} s: {told.page['key']}"


def missed(figures: Row) -> list[str]:
    """Return the promises that were not kept."""
    spikes, middle, worst = figures["spikes"], figures["seconds_median"], figures["seconds_worst"]
    kept = {
        "every spike is paged": figures["paged"] == spikes,
        f"median {MEDIAN_SECONDS:.0f} s": middle is not None and middle <= MEDIAN_SECONDS,
        f"worst {WORST_SECONDS:.0f} s": worst is not None and worst <= WORST_SECONDS,
        "every page names the topic and three comments": figures["pages_whole"] == spikes,
        "every page is resolved": figures["resolved"] == spikes,
        "none is resolved while the rule holds it": not figures["resolved_early"],
        "none is repeated": not figures["repeated"],
        "one page a spike, of all alerts": not figures["other_pages_about_a_spike"],
        "no false page": not figures["false_pages"],
        f"{STREAM_HOURS:.0f} h of stream time": figures["stream_hours"] >= STREAM_HOURS,
    }
    return [promise for promise, is_kept in kept.items() if not is_kept]


COLUMNS: Final = ("stream", "market", "per_minute", "evidence", "lag", "waiting", "sending")
COLUMNS_OF_ALL: Final = (*COLUMNS, "seconds", "blind", "over_seconds")


def as_text(figures: Row) -> str:
    """Return a table of the spikes, the figures, and the verdict."""
    rows = [dict(zip(COLUMNS_OF_ALL, COLUMNS_OF_ALL, strict=True)), *figures["each"]]
    table = ["  ".join(_cell(row.get(name)) for name in COLUMNS_OF_ALL) for row in rows]
    lines = [f"{name:26} {value}" for name, value in figures.items() if name != "each"]
    return "\n".join([*table, "", *lines, "missed" if figures["missed"] else "kept"])


def _cell(value: object) -> str:
    return f"{'-' if value is None else value!s:>12}"
