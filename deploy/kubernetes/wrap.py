"""Wrap what other folders hold for Kubernetes: alert rules, and Grafana's dashboards.

`wrap.py rules > alert-rules.yaml`, `wrap.py dashboards > dashboards.yaml`: `make docs` does both.
"""

import sys
from pathlib import Path
from typing import Any, Final

import yaml

DEPLOY: Final = Path(__file__).parents[1]
HEADER: Final = "# Made by `make docs` of {}: change it there.\n"


def alert_rules() -> dict[str, Any]:
    """Return a PrometheusRule with every group of every rule file, in the files' order."""
    groups = []
    for file in sorted((DEPLOY / "prometheus/rules").glob("*.yml")):
        groups += yaml.safe_load(file.read_text("utf-8"))["groups"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "resonance"},
        "spec": {"groups": groups},
    }


def dashboards() -> dict[str, Any]:
    """Return a ConfigMap that Grafana's sidecar loads: every dashboard, a file each."""
    files = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "resonance-dashboards", "labels": {"grafana_dashboard": "1"}},
        "data": {file.name: file.read_text("utf-8") for file in files},
    }


MADE: Final = {
    "rules": ("deploy/prometheus/rules", alert_rules),
    "dashboards": ("deploy/grafana/dashboards", dashboards),
}


def main(what: str) -> None:
    """Print one of them as YAML."""
    source, make = MADE[what]
    sys.stdout.write(HEADER.format(source))
    yaml.safe_dump(make(), sys.stdout, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    main(sys.argv[1])
