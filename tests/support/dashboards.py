"""What a Grafana dashboard asks, as Prometheus would be asked; and what is wrong with one."""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

Dashboard = dict[str, Any]
Panel = dict[str, Any]

GRID_COLUMNS = 24
STEP_SECONDS = 5
RANGE_SECONDS = 1_800
# What Grafana puts in by itself, at a scrape interval of a second.
BUILT_IN = {
    "$__rate_interval": "30s",
    "$__interval": f"{STEP_SECONDS}s",
    "$__range": f"{RANGE_SECONDS}s",
}
RATED = re.compile(r"\b(?:rate|irate|increase)\(\s*(\w+)(?:\{[^}]*\})?\[([^\]]+)\]")
COUNTER = re.compile(r"\b\w+_(?:total|bucket|count|sum)\b")


def all_panels(dashboard: Dashboard) -> Iterator[Panel]:
    """Yield every panel that shows something, those in folded rows too."""
    for panel in _with_rows(dashboard):
        if panel["type"] != "row":
            yield panel


def _with_rows(dashboard: Dashboard) -> Iterator[Panel]:
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(dashboard: Dashboard, *, stream: str) -> list[tuple[str, str]]:
    """Return every query of panels and variables, its variables filled in."""
    found = [
        (panel["title"] if not n else f"{panel['title']} {target['refId']}", target["expr"])
        for panel in all_panels(dashboard)
        for n, target in enumerate(panel["targets"])
    ]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            asked = _of_variable(variable["query"]["query"])
            found.append((f"variable {variable['name']}", asked))
    return [(name, _filled_in(expression, stream)) for name, expression in found]


def annotations(
    dashboard: Dashboard, *, stream: str, step_seconds: int = STEP_SECONDS
) -> dict[str, str]:
    """Return every annotation's query by its name; it is asked over a range, in such steps."""
    return {
        found["name"]: _filled_in(found["expr"].replace("$__interval", f"{step_seconds}s"), stream)
        for found in dashboard["annotations"]["list"]
    }


def marks(values: Iterable[tuple[float, str]], step_seconds: int) -> list[tuple[float, float]]:
    """Return what Grafana draws of an annotation's series: from when to when, a point mostly.

    As `processEvents` of its Prometheus source does it: values above 0 that are at most a step
    apart are one mark.
    """
    drawn: list[tuple[float, float]] = []
    for at, value in values:
        if float(value) <= 0:
            continue
        if drawn and at - drawn[-1][1] <= step_seconds:
            drawn[-1] = (drawn[-1][0], at)
        else:
            drawn.append((at, at))
    return drawn


def _of_variable(function: str) -> str:
    """Return the PromQL behind `query_result(…)` or `label_values(…, label)`."""
    if result := re.fullmatch(r"query_result\((.+)\)", function):
        return result[1]
    values = re.fullmatch(r"label_values\((.+), *(\w+)\)", function)
    assert values, f"no PromQL known for {function}"
    return f"count by ({values[2]}) ({values[1]})"


def _filled_in(expression: str, stream: str) -> str:
    for name, value in {**BUILT_IN, "$stream": stream, "$market": ".*"}.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, f"a variable that nobody fills in: {expression}"
    return expression


def faults(dashboard: Dashboard) -> list[str]:
    """Return what is wrong with a dashboard before anything is asked."""
    found = [] if dashboard.get("uid") else ["no uid"]
    if dashboard.get("editable", True):
        found.append("editable in the browser, where a change is lost")
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    if not any(v["type"] == "datasource" for v in variables.values()):
        found.append("no variable for the data source")
    ids = [panel["id"] for panel in _with_rows(dashboard)]
    if len(ids) != len(set(ids)):
        found.append("two panels have the same id")
    multi = {name for name, v in variables.items() if v.get("multi")}
    for panel in all_panels(dashboard):
        found += [f"{panel.get('title')}: {fault}" for fault in _of_panel(panel, multi)]
    return found + _overlaps(dashboard["panels"])


def _of_panel(panel: Panel, multi: set[str]) -> Iterator[str]:
    for field in ("title", "description"):
        if not panel.get(field):
            yield f"no {field}"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "no unit"
    if not panel.get("targets"):
        yield "no query"
    place = panel["gridPos"]
    if place["x"] < 0 or place["x"] + place["w"] > GRID_COLUMNS:
        yield "off the grid"
    sources = [panel.get("datasource"), *(t.get("datasource") for t in panel["targets"])]
    if any((source or {}).get("uid") != "${datasource}" for source in sources):
        yield "not from the data source that was chosen"
    for target in panel["targets"]:
        yield from _of_expression(target["expr"], multi)


def _of_expression(expression: str, multi: set[str]) -> Iterator[str]:
    rated = {name for name, _ in RATED.findall(expression)}
    for counter in COUNTER.findall(expression):
        if counter not in rated:
            yield f"the counter {counter} without its rate"
    for _, window in RATED.findall(expression):
        if window not in {"$__rate_interval", "$__range"}:
            yield f"a rate over [{window}]"
    for name in multi:
        if f'="${name}"' in expression:
            yield f"${name} may be several: =~"


def _overlaps(panels: list[Panel]) -> list[str]:
    def overlap(one: Panel, other: Panel) -> bool:
        a, b = one["gridPos"], other["gridPos"]
        return (
            a["x"] < b["x"] + b["w"]
            and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"]
            and b["y"] < a["y"] + a["h"]
        )

    return [f"{a['id']} lies on {b['id']}" for a, b in combinations(panels, 2) if overlap(a, b)]
