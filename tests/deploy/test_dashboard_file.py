"""The committed dashboard is the built one, and follows Grafana's good manners."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.dashboards import all_panels, faults

PROJECT = Path(__file__).parents[2]
GRAFANA = PROJECT / "deploy/grafana"
COMMITTED = GRAFANA / "dashboards/resonance-live.json"
ALL = ("resonance-live", "resonance-post-mortem", "resonance-pipeline")


@pytest.fixture
def dashboard() -> dict[str, Any]:
    return json.loads(COMMITTED.read_text("utf-8"))


def test_the_committed_dashboards_are_what_the_script_builds(tmp_path):
    subprocess.run([sys.executable, GRAFANA / "build.py", tmp_path], check=True)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    committed = {file.name: file.read_bytes() for file in COMMITTED.parent.iterdir()}
    assert made == committed, "run `make docs`"
    assert set(made) == {f"{uid}.json" for uid in ALL}


@pytest.mark.parametrize("uid", ALL)
def test_a_dashboard_has_no_fault(uid):
    made = json.loads((COMMITTED.parent / f"{uid}.json").read_text("utf-8"))
    assert made["uid"] == uid
    assert faults(made) == []


def test_six_numbers_come_first(dashboard):
    first = [panel for panel in dashboard["panels"] if panel["gridPos"]["y"] == 0]
    assert [panel["type"] for panel in first] == ["stat"] * 6


def test_what_only_engineers_read_is_folded_away(dashboard):
    folded = [panel for panel in dashboard["panels"] if panel.get("collapsed")]
    assert [panel["title"] for panel in folded] == ["Pipeline"]


FAULTS = [
    ("two panels have the same id", lambda d: d["panels"][1].update(id=d["panels"][0]["id"])),
    ("no title", lambda d: d["panels"][0].update(title="")),
    ("no description", lambda d: d["panels"][0].pop("description")),
    ("no unit", lambda d: d["panels"][0]["fieldConfig"]["defaults"].pop("unit")),
    ("off the grid", lambda d: d["panels"][5]["gridPos"].update(x=21)),
    ("lies on", lambda d: d["panels"][1]["gridPos"].update(x=0)),
    ("editable", lambda d: d.update(editable=True)),
    ("no variable for the data source", lambda d: d["templating"]["list"].pop(0)),
    ("data source that was chosen", lambda d: d["panels"][0].update(datasource={"uid": "mine"})),
    ("without its rate", lambda d: _ask(d, "sum(resonance_comments_total)")),
    ("a rate over [5m]", lambda d: _ask(d, "rate(resonance_comments_total[5m])")),
    ("=~", lambda d: _ask(d, 'up{market="$market"}')),
]


@pytest.mark.parametrize(("said", "spoil"), FAULTS, ids=[said for said, _ in FAULTS])
def test_a_fault_in_the_dashboard_is_found(dashboard, said, spoil):
    spoiled = copy.deepcopy(dashboard)
    spoil(spoiled)
    assert any(said in fault for fault in faults(spoiled))


def _ask(dashboard: dict[str, Any], expression: str) -> None:
    next(all_panels(dashboard))["targets"][0]["expr"] = expression


def test_grafana_finds_the_dashboard_and_the_scrape_interval():
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))
    mounts = dict(v.split(":")[:2] for v in compose["services"]["grafana"]["volumes"])
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/resonance.yml").read_text())
    assert mounts["./deploy/grafana/dashboards"] == provider["providers"][0]["options"]["path"]
    home = compose["services"]["grafana"]["environment"][
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"
    ]
    assert home == f"{mounts['./deploy/grafana/dashboards']}/{COMMITTED.name}"
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    scraped = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text())
    every = scraped["global"]["scrape_interval"]
    assert sources["datasources"][0]["jsonData"]["timeInterval"] == every
