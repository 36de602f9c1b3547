"""Print the dashboard of the live stream: `build.py > dashboards/resonance-live.json`.

One dashboard answers one question: how does the audience feel now, and where. The first row is
read in five seconds, the second names the market, the third tells why; the last, folded away, is
for those who run the pipeline. Plain dicts, so that the same script gives the same bytes.
"""

import json
import sys
from typing import Any

from layout import laid_out, placed, row
from panels import DATASOURCE
from sections import at_a_glance, pipeline, which_market, why


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


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana stores it."""
    sections = [
        *placed(at_a_glance(), width=4, height=4),
        row("Which market"),
        *placed(which_market(), width=24, height=8),
        row("Why"),
        *placed(why(), width=8, height=8),
        row("Pipeline", folded=placed(pipeline(), width=12, height=7)),
    ]
    return {
        "uid": "resonance-live",
        "title": "Resonance: the live stream",
        "description": "How the audience feels now, in which market, and why.",
        "tags": ["resonance"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # One crosshair for all.
        "refresh": "5s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables()},
        "annotations": {
            "list": [
                {
                    "name": "Stream start",
                    "datasource": DATASOURCE,
                    "enable": True,
                    "iconColor": "blue",
                    "expr": 'resonance_stream_start_timestamp_seconds{stream="$stream"} * 1000',
                    "titleFormat": "Stream start",
                    "textFormat": "{{stream}}",
                    "useValueForTime": True,
                }
            ]
        },
        "links": [],
        "panels": laid_out(sections),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dashboard(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")
