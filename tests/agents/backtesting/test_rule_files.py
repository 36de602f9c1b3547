"""Which rules are run how: each group at its own pace, with all that it rests on."""

import pytest

from resonance.agents.backtesting.rule_files import doubts, passes, read_rules
from resonance.agents.errors import UsageError
from support.rules import PROJECT, RULES, alerts
from support.servers import real_servers_required

USUAL = PROJECT / "deploy/prometheus/usual.yml"
ALERT = """\
groups:
  - name: one  # interval: 7s
    interval: {interval}
    rules:
      - alert: Loud
        expr: {expr}
        labels: {{severity: {severity}}}
"""


@pytest.fixture(autouse=True)
def promtool():
    real_servers_required("promtool")


def written(folder, expr="resonance_stream_live > 0", interval="1m30s", severity="page"):
    path = folder / "rules.yml"
    path.write_text(ALERT.format(expr=expr, interval=interval, severity=severity))
    return path


def test_every_alert_of_the_project_is_run_at_the_pace_of_its_group():
    found = passes(read_rules(RULES), "page")
    assert frozenset[str]().union(*(one.alerts for one in found)) == {
        alert["alert"] for alert in alerts()
    }
    paces = {alert: one.interval_ms for one in found for alert in one.alerts}
    assert paces["ResonanceNegativeSentimentSpike"] == 2_000
    assert paces["ResonanceComplaintSurge"] == 10_000


def test_a_pass_brings_the_files_whose_series_its_alerts_ask_for_and_no_others():
    [one] = passes(read_rules(RULES), "page", frozenset(["ResonanceNegativeSentimentSpike"]))
    assert [file.path.name for file in one.files] == ["freshness.yml", "sentiment.yml"]


def test_an_interval_is_read_and_a_comment_is_not(tmp_path):
    [file] = read_rules(written(tmp_path))
    assert file.groups[0].interval_ms == 90_000


def test_the_usual_rule_is_no_rule_that_prometheus_loads():
    assert not (RULES / USUAL.name).exists()
    [one] = passes(read_rules(USUAL), "page")
    assert one.alerts == {"UsualNegativeShare"}
    assert doubts(read_rules(USUAL)) == []


def test_the_rules_of_the_project_leave_no_doubt():
    assert doubts(read_rules(RULES)) == []


def test_a_file_without_what_it_rests_on_is_doubted():
    [told] = doubts(read_rules(RULES / "sentiment.yml"))
    assert "stream:resonance_is_fresh:bool" in told
    assert "name the folder" in told


def test_rules_by_the_hour_of_day_are_doubted(tmp_path):
    [told] = doubts(read_rules(written(tmp_path, "hour() > 20")))
    assert "hour()" in told


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text.replace("resonance_stream_live > 0", "sum by ("), "could not parse"),
        (lambda _: "groups: [", "rules.yml"),
        (lambda _: "groups: []", "no rules"),
        (
            lambda _: "groups: [{name: a, rules: [{record: 'a:b', expr: x}]}]",
            "on a line of its own",
        ),
    ],
    ids=["expression", "yaml", "empty", "style"],
)
def test_bad_rules_are_refused_with_what_promtool_says(tmp_path, spoil, told):
    path = written(tmp_path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UsageError, match=told):
        read_rules(path)


def test_rules_of_which_none_would_page_are_refused(tmp_path):
    with pytest.raises(UsageError, match="severity: page"):
        passes(read_rules(written(tmp_path, severity="ticket")), "page")


def test_rules_that_are_not_there_are_told_with_a_remedy(tmp_path):
    with pytest.raises(UsageError, match=r"no \*\.yml in this folder"):
        read_rules(tmp_path)
    with pytest.raises(UsageError, match="name a rule file or a folder"):
        read_rules(tmp_path / "gone.yml")
