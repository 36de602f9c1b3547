"""Write the dashboards: `build.py FOLDER` makes a file of each there.

One dashboard answers one question. *Live*: how does the audience feel now, and where? The first
row is read in five seconds, the second names the market, the third tells why. *Post-mortem*: what
happened, from a stream's start on, live or replayed? *Pipeline*: is the engine well? Plain dicts,
so that the same script gives the same bytes.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from layout import laid_out, placed, row
from panels import DATASOURCE, Panel
from post_mortem import in_all, over_time, what_it_cost
from sections import at_a_glance, four_v, pipeline, which_market, why


def _variable(name: str, label: str, expression: str, **more: object) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": expression, "refId": f"variable-{name}"},
        "refresh": 2,  # Whenever the time range changes.
        "sort": 0,  # In the order of the answer.
        **more,
    }


def variables() -> list[dict[str, Any]]:
    """Return what the reader chooses: where from, which stream, which markets."""
    # Those that are live first, then the newest.
    newest = (
        "query_result(sort_desc(resonance_stream_start_timestamp_seconds"
        " + 1e10 * resonance_stream_live))"
    )
    markets = 'label_values(resonance_comments_total{stream="$stream"}, market)'
    return [
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "regex": "",
        },
        _variable("stream", "Stream", newest, regex='/stream="([^"]+)"/'),
        _variable(
            "market",
            "Market",
            markets,
            multi=True,
            includeAll=True,
            allValue=".*",
            current={"selected": True, "text": ["All"], "value": ["$__all"]},
        ),
    ]


def _stage_events() -> str:
    """Return the expression for the stage events since the step before, by action.

    Grafana marks each step that has a value above 0 and joins neighbours to one region. A rate
    looks back further than a step and would smear one event over several. The difference of two
    steps has it once, at any zoom. Where a series is younger than a step (a stream's start) or
    comes back (a Prometheus that was away), the least value within the step stands for the one
    before: it was born at 0, and what it comes back with happened before.
    """
    counter = 'resonance_stage_events_total{stream="$stream"}'
    by = "by (stream, action)"  # A board that moves to another address goes on counting.
    now, before = f"max {by} ({counter})", f"max {by} ({counter} offset $__interval)"
    first = f"min {by} (min_over_time({counter}[$__interval]))"
    return f"{now} - ({before} or {first}) > 0"


def annotations() -> list[dict[str, Any]]:
    """Return what is drawn across all panels: stream start, what happened on stage, what fired."""
    return [
        {
            "name": "Stream start",
            "datasource": DATASOURCE,
            "enable": True,
            "iconColor": "blue",
            "expr": 'resonance_stream_start_timestamp_seconds{stream="$stream"} * 1000',
            "titleFormat": "Stream start",
            "textFormat": "{{stream}}",
            "useValueForTime": True,
        },
        {
            "name": "Stage events",
            "datasource": DATASOURCE,
            "enable": True,
            "iconColor": "purple",
            "expr": _stage_events(),
            "titleFormat": "{{action}}",
            "textFormat": "{{stream}}",
        },
        {
            "name": "Alerts",
            "datasource": DATASOURCE,
            "enable": True,
            "iconColor": "red",
            # An instant would look back five minutes: too far where a backfill ends a series.
            "expr": 'last_over_time(ALERTS{alertstate="firing", stream="$stream"}[30s])',
            "titleFormat": "{{alertname}}",
            "textFormat": "{{market}} {{topic}}",
        },
    ]


def live() -> dict[str, Any]:
    """Return the dashboard for during the stream."""
    sections = [
        *placed(at_a_glance(), width=4, height=4),
        row("Which market"),
        *placed(which_market(), width=24, height=8),
        row("Why"),
        *placed(why(), width=8, height=8),
        row("The four V"),
        *placed(four_v(), width=6, height=8),
        row("Pipeline", folded=placed(pipeline(), width=12, height=7)),
    ]
    return _dashboard(
        "resonance-live",
        "Resonance: the live stream",
        "How the audience feels now, in which market, and why.",
        sections,
        refresh="5s",
        since="now-30m",
    )


def post_mortem() -> dict[str, Any]:
    """Return the dashboard for afterwards; of raw counters alone, as a backfill has no others."""
    sections = [
        *placed(in_all(), width=4, height=4),
        row("Over time"),
        *placed(over_time(), width=12, height=9),
        row("What it cost"),
        *placed(what_it_cost(), width=12, height=8),
    ]
    return _dashboard(
        "resonance-post-mortem",
        "Resonance: a past stream",
        "What happened in a stream, market by market, live or replayed into the past.",
        sections,
        refresh="",
        since="now-6h",
    )


def engine() -> dict[str, Any]:
    """Return the dashboard for those who run the workers."""
    return _dashboard(
        "resonance-pipeline",
        "Resonance: the pipeline",
        "Whether the engine keeps up, loses nothing and is accounted for.",
        placed(pipeline(), width=12, height=8),
        refresh="10s",
        since="now-1h",
        of_a_stream=False,
    )


def _dashboard(
    uid: str,
    title: str,
    description: str,
    sections: list[Panel],
    *,
    refresh: str,
    since: str,
    of_a_stream: bool = True,
) -> dict[str, Any]:
    """Return a dashboard as Grafana stores it."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["resonance"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # One crosshair for all.
        "refresh": refresh,
        "time": {"from": since, "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables() if of_a_stream else variables()[:1]},
        "annotations": {"list": annotations() if of_a_stream else []},
        "links": [
            {
                "title": "Resonance",
                "type": "dashboards",
                "tags": ["resonance"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "panels": laid_out(sections),
    }


DASHBOARDS: Final = (live, post_mortem, engine)


def main(folder: Path) -> None:
    """Write every dashboard into the folder."""
    for make in DASHBOARDS:
        made = make()
        text = json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        (folder / f"{made['uid']}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
