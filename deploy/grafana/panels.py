"""Panels of a Grafana dashboard as plain dicts: what all of one kind have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Panel = dict[str, Any]
Query = dict[str, Any]
# From `value` on (None: from the lowest), a colour.
Steps = Sequence[tuple[float | None, str]]

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
GRAY, GREEN, YELLOW, ORANGE, RED = "#8e8e8e", "green", "yellow", "orange", "red"
PLAIN: Final[Steps] = ((None, "text"),)


def query(expression: str, legend: str = "") -> Query:
    """Return one query over the dashboard's time range."""
    return {
        "datasource": DATASOURCE,
        "expr": expression,
        "legendFormat": legend or "__auto",
        "range": True,
    }


def stat(
    title: str,
    description: str,
    target: Query,
    *,
    unit: str,
    steps: Steps = PLAIN,
    interval: str | None = None,
    words: Mapping[int, str] | None = None,
    nothing: str = "no data",
) -> Panel:
    """Return one number on a coloured ground, with its course behind it.

    `words` stand in place of certain values, `nothing` where there is no value at all.
    """
    panel = _panel("stat", title, description, [target], unit, interval)
    panel["fieldConfig"]["defaults"] |= {
        "thresholds": _thresholds(steps),
        "color": {"mode": "thresholds"},
        "noValue": nothing,
        "mappings": [
            {"type": "value", "options": {str(value): {"text": word, "index": 0}}}
            for value, word in (words or {}).items()
        ],
    }
    panel["options"] = {
        "colorMode": "value" if steps is PLAIN else "background",
        "graphMode": "area",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "value",
    }
    return panel


def timeseries(
    title: str,
    description: str,
    *targets: Query,
    unit: str,
    stacked: bool = False,
    colors: Mapping[str, str] | None = None,
) -> Panel:
    """Return lines over time; `colors` by the name of a line."""
    panel = _panel("timeseries", title, description, targets, unit, None)
    panel["fieldConfig"]["defaults"] |= {
        "min": 0,
        "custom": {
            "fillOpacity": 40 if stacked else 10,
            "lineWidth": 1,
            "showPoints": "never",
            "stacking": {"mode": "normal" if stacked else "none"},
        },
    }
    panel["fieldConfig"]["overrides"] = [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
        }
        for name, color in (colors or {}).items()
    ]
    panel["options"] = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel


def state_timeline(
    title: str,
    description: str,
    target: Query,
    *,
    unit: str,
    steps: Steps,
    interval: str | None = None,
) -> Panel:
    """Return one line for each series of the query, coloured by the value's step."""
    panel = _panel("state-timeline", title, description, [target], unit, interval)
    panel["fieldConfig"]["defaults"] |= {
        "thresholds": _thresholds(steps),
        "color": {"mode": "thresholds"},
        "custom": {"fillOpacity": 80, "lineWidth": 0},
    }
    panel["options"] = {
        "alignValue": "left",
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "never",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
    }
    return panel


def _panel(
    kind: str,
    title: str,
    description: str,
    targets: Sequence[Query],
    unit: str,
    interval: str | None,
) -> Panel:
    panel: Panel = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": [{**target, "refId": "ABCDEFGH"[n]} for n, target in enumerate(targets)],
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
    }
    if interval:
        panel["interval"] = interval
    return panel


def _thresholds(steps: Steps) -> dict[str, Any]:
    return {
        "mode": "absolute",
        "steps": [{"value": value, "color": color} for value, color in steps],
    }
