"""Where panels stand: Grafana's grid has 24 columns, its lines are 30 pixels high."""

from itertools import count
from typing import Final

from panels import Panel

GRID_COLUMNS: Final = 24


def row(title: str, folded: list[Panel] | None = None) -> Panel:
    """Return a heading; `folded`: panels that are shown only when it is opened."""
    return {
        "type": "row",
        "title": title,
        "collapsed": folded is not None,
        "panels": folded or [],
        "gridPos": {"w": GRID_COLUMNS, "h": 1},
    }


def placed(panels: list[Panel], *, width: int, height: int) -> list[Panel]:
    """Give panels their size, in columns and lines; return them."""
    for panel in panels:
        panel["gridPos"] = {"w": width, "h": height}
    return panels


def laid_out(panels: list[Panel]) -> list[Panel]:
    """Put the panels from left to right and from top to bottom, and number them."""
    number = count(1)

    def lay(some: list[Panel], top: int) -> int:
        left = line_height = 0
        for panel in some:
            place = panel["gridPos"]
            if left + place["w"] > GRID_COLUMNS:
                top, left = top + line_height, 0
            panel["id"] = next(number)
            place["x"], place["y"] = left, top
            left, line_height = left + place["w"], place["h"]
            lay(panel.get("panels", []), top + line_height)
        return top + line_height

    lay(panels, 0)
    return panels
