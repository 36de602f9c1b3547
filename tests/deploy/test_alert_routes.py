"""Who is told of which alert, asked by Alertmanager's own tool; and what hides what."""

import subprocess

import pytest
import yaml

from support.rules import PROJECT, alerts
from support.servers import real_servers_required

CONFIGS = PROJECT / "deploy/alertmanager"
SECRETS = ("password", "token", "credentials", "routing_key", "api_url", "secret")
HELD_BACK = "ResonanceBehindLive"
ALERTS = {alert["alert"]: alert["labels"] for alert in alerts()}
# By configuration: who hears of a page about the audience, of one about the stack, of a ticket.
RECEIVERS = {
    "alertmanager.yml": ("pager", "pager", "pager"),
    "direct.yml": ("page-live-ops", "page-platform", "chat"),
}


def receiver_of(config: str, labels: dict[str, str]) -> str:
    """Return who would be told."""
    given = [f"{name}={value}" for name, value in labels.items()]
    command = ["amtool", "config", "routes", "test", f"--config.file={CONFIGS / config}", *given]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("config", RECEIVERS)
@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_reaches_who_it_is_for(config, alert):
    real_servers_required("amtool")
    labels = ALERTS[alert]
    audience, stack, ticket = RECEIVERS[config]
    if alert == "ResonanceWatchdog":
        wanted = "heartbeat"
    elif labels["severity"] != "page":
        wanted = ticket
    else:
        wanted = audience if labels["team"] == "live-ops" else stack
    assert receiver_of(config, {"alertname": alert, "stream": "s1", **labels}) == wanted


@pytest.mark.parametrize("config", RECEIVERS)
def test_an_alert_of_others_is_not_lost(config):
    real_servers_required("amtool")
    assert receiver_of(config, {"alertname": "NodeDown", "severity": "critical"})


@pytest.mark.parametrize("config", RECEIVERS)
def test_a_page_is_a_streams_and_holds_all_of_its_markets(config):
    route = _read(config)["route"]
    assert route["group_by"] == ["alertname", "stream"]
    assert all("group_by" not in below for below in route["routes"])


@pytest.mark.parametrize("config", RECEIVERS)
def test_no_secret_stands_in_the_file(config):
    for name, value in _leaves(_read(config)):
        assert not name.endswith(SECRETS), name
        if name.endswith("_file"):
            assert value.startswith("/run/secrets/")


def test_both_files_hide_the_same():
    first, second = (_read(config)["inhibit_rules"] for config in RECEIVERS)
    assert first == second


def test_while_we_are_behind_live_nobody_is_paged_about_the_audience():
    rule = next(r for r in _read("direct.yml")["inhibit_rules"] if HELD_BACK in str(r))
    assert rule["target_matchers"] == ['team="live-ops"']
    assert "equal" not in rule  # Of every stream: the lag is the engine's.


@pytest.mark.parametrize("config", RECEIVERS)
def test_what_hides_and_is_hidden_exists(config):
    for rule in _read(config)["inhibit_rules"]:
        for matcher in [*rule["source_matchers"], *rule["target_matchers"]]:
            name, _, value = matcher.replace("=~", "=").partition("=")
            if name == "alertname":
                assert set(value.strip('"').split("|")) <= set(ALERTS)


def _read(config):
    return yaml.safe_load((CONFIGS / config).read_text("utf-8"))


def _leaves(node):
    if isinstance(node, list):
        for item in node:
            yield from _leaves(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, dict | list):
                yield from _leaves(value)
            else:
                yield name, str(value)
