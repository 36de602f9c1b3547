"""Every alert fires, does not, not yet, and resolves; and says what to do when it does."""

import re

import pytest
import yaml

from support.rules import CASES, PROJECT, RULES, alerts, answer_of, ask
from support.servers import real_servers_required

SUBJECTS = sorted(path.stem for path in CASES.glob("*.yml"))
RUNBOOK = (PROJECT / "deploy/runbook.md").read_text("utf-8")
ALWAYS_FIRING = {"ResonanceWatchdog"}


def test_the_rules_are_what_promtool_takes_without_a_complaint():
    real_servers_required("promtool")
    answer = ask(
        "promtool", "check", "rules", "--lint=all", "--lint-fatal", *sorted(RULES.glob("*.yml"))
    )
    assert answer.passed, answer.text


def test_a_rule_that_does_not_parse_would_be_refused(tmp_path):
    real_servers_required("promtool")
    spoilt = tmp_path / "rules.yml"
    spoilt.write_text((RULES / "questions.yml").read_text("utf-8").replace("max by", "maximum by"))
    assert not ask("promtool", "check", "rules", "--lint=all", "--lint-fatal", spoilt).passed


@pytest.mark.parametrize("subject", SUBJECTS)
def test_alerts_fire_when_they_should_and_only_then(subject):
    real_servers_required("promtool")
    answer = answer_of(subject)
    assert answer.passed, answer.text


def test_every_alert_is_seen_firing_and_not_firing():
    expectations: dict[str, set[bool]] = {}
    for subject in SUBJECTS:
        for case in yaml.safe_load((CASES / f"{subject}.yml").read_text("utf-8"))["tests"]:
            for asked in case.get("promql_expr_test", ()):
                wanted = yaml.safe_dump(asked.get("exp_samples"))
                expected_here = set(re.findall(r'alertname="(\w+)"', asked["expr"])) or {
                    alert["alert"] for alert in alerts() if alert["alert"] in wanted
                }
                for name in expected_here:
                    expectations.setdefault(name, set()).add(bool(asked["exp_samples"]))
    # Those of the engine are asked for together: firing by name, and none of them at all.
    by_name = {alert["alert"] for alert in alerts()}
    assert {name for name, seen in expectations.items() if True in seen} == by_name


@pytest.mark.parametrize("alert", list(alerts()), ids=lambda alert: alert["alert"])
def test_an_alert_has_a_place_in_the_runbook_and_words_for_a_person(alert):
    name, said = alert["alert"], alert["annotations"]
    assert f"\n## {name}\n" in RUNBOOK
    assert said["runbook"] == f"deploy/runbook.md#{name.lower()}"
    assert said["summary"]
    assert said["description"]
    assert alert["labels"]["severity"] in {"page", "ticket", "info", "none"}
    assert alert["labels"]["team"] in {"live-ops", "platform"}
    # Without a while of waiting, one odd sample would wake somebody.
    assert "for" in alert or name in ALWAYS_FIRING


def test_the_runbook_has_no_heading_that_no_alert_leads_to():
    headings = set(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE))
    assert headings == {alert["alert"] for alert in alerts()}


@pytest.mark.parametrize("alert", list(alerts()), ids=lambda alert: alert["alert"])
def test_the_runbook_says_what_it_means_and_what_to_do(alert):
    _, _, rest = RUNBOOK.partition(f"\n## {alert['alert']}\n")
    page = re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]
    for part in ("**Means.**", "**Look at.**", "**Do.**", "**Leave it alone**"):
        assert part in page


@pytest.mark.parametrize(
    "alert",
    [alert for alert in alerts() if alert["labels"]["team"] == "live-ops"],
    ids=lambda alert: alert["alert"],
)
def test_an_alert_about_the_audience_is_held_while_we_are_blind(alert):
    assert "stream:resonance_is_blind:bool" in alert["expr"]
    assert f'ALERTS{{alertname="{alert["alert"]}", alertstate="firing"}}' in alert["expr"]
