"""`resonance alerts`: the rules themselves over recordings, and what is told of the answer."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import ServiceUnreachable, UsageError
from support.backtests import recordings
from support.rules import PROJECT, RULES
from support.servers import real_servers_required

USUAL = PROJECT / "deploy/prometheus/usual.yml"
SPIKE = "ResonanceNegativeSentimentSpike"
LOUD = "generated-001"  # By this seed, of a market with an incident that our rule pages.
CALM = "generated-000"
MARKED = """
[[incident]]
stream = "{stream}"
market = "{market}"
from = 2020-01-01T00:00:00Z
to = 2020-01-01T00:01:00Z
what = "customs"
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Score by the rules alone, in a folder without settings and with a key of its own."""
    real_servers_required("promtool")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESONANCE_TIER", "rules")
    key = tmp_path / "viewer.key"
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("RESONANCE_VIEWER_KEY_FILE", str(key))


@pytest.fixture(scope="module")
def folder():
    return recordings(2, 1_500, 7)


def backtest(*arguments, rules=RULES):
    given = ["alerts", "backtest", *map(str, arguments), "--rules", str(rules), "--jobs", "1"]
    return CliRunner().invoke(app, given, catch_exceptions=False)


def test_an_incident_is_found_by_the_rules_as_they_are(folder):
    done = backtest(folder / f"{LOUD}.jsonl", "--alert", SPIKE, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    [side] = told["sides"]
    assert (side["all"]["found"], side["all"]["false_pages"]) == (1, 0)
    assert 10 < side["all"]["delay_median_seconds"] < 120
    [page] = side["pages"]
    assert page["page"]["alert"] == SPIKE
    assert page["incident"] in {"customs_tax", "shipping"}
    assert told["differences"] == []


def test_other_rules_stand_beside_them_with_what_only_one_pages(folder, tmp_path):
    deaf = tmp_path / "deaf.yml"
    deaf.write_text(USUAL.read_text("utf-8").replace("0.25", "0.99"))
    done = backtest(
        *(folder / f"{LOUD}.jsonl", "--alert", SPIKE, "--alert", "UsualNegativeShare"),
        *("--against", deaf),
    )
    assert done.exit_code == 0
    assert f"{deaf} missed: {LOUD}" in done.stdout
    assert f"{RULES} alone: {LOUD}" in done.stdout
    assert "0 of 1" in done.stdout
    assert "1 of 1" in done.stdout


def test_an_incident_that_the_rules_miss_is_a_finding(folder, tmp_path):
    deaf = tmp_path / "deaf.yml"
    deaf.write_text(USUAL.read_text("utf-8").replace("0.25", "0.99"))
    done = backtest(folder / f"{LOUD}.jsonl", rules=deaf)
    assert done.exit_code == 1
    assert "missed" in done.stdout


def test_a_recording_without_an_incident_tells_of_false_pages_alone(folder):
    done = backtest(folder / f"{CALM}.jsonl", rules=USUAL)
    assert done.exit_code == 0
    assert "1 incidents are of streams that no recording here holds" in done.stderr
    assert "0 incidents" in done.stdout


def test_without_marked_incidents_it_says_so_and_every_page_is_false(folder, tmp_path):
    alone = tmp_path / "alone.jsonl"
    alone.write_bytes((folder / f"{LOUD}.jsonl").read_bytes())
    done = backtest(alone, "--json", rules=USUAL)
    assert "every page counts as false; --incidents names one" in done.stderr
    verdict = json.loads(done.stdout)["sides"][0]["all"]
    assert verdict["pages"] == verdict["false_pages"] >= 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Name files or folders"),
        (("gone.jsonl",), "no such recording"),
        (("{loud}", "--incidents", "gone.toml"), "name the file after --incidents"),
        (("{loud}", "--alert", "Nothing"), "--alert Nothing: no rule given here"),
        (("{loud}", "--severity", "shout"), "severity: shout"),
        (("{toml}",), "incidents.toml"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_remedy(folder, arguments, told):
    loud, toml = folder / f"{LOUD}.jsonl", folder / "incidents.toml"
    with pytest.raises(UsageError, match=told):
        backtest(*(argument.format(loud=loud, toml=toml) for argument in arguments), rules=USUAL)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[incident]\n", "is not TOML"),
        ('[[incidents]]\nstream = "a"\n', r"under a line \[\[incident\]\]"),
        (
            MARKED.format(stream="a", market="Germany"),
            "line 4, `market` of incident 1: .* two capital letters",
        ),
        ('[[incident]]\nstream = "a"\n', "line 1, `market` of incident 1: missing"),
        (
            MARKED.format(stream=LOUD, market="DE"),
            "outside of its stream generated-001: correct",
        ),
    ],
    ids=["no toml", "another table", "a market's name", "a field missing", "another year"],
)
def test_bad_incidents_are_told_by_line_and_field(folder, tmp_path, text, told):
    marked = tmp_path / "incidents.toml"
    marked.write_text(text)
    with pytest.raises(UsageError, match=told):
        backtest(folder / f"{LOUD}.jsonl", "--incidents", marked, rules=USUAL)


def test_without_promtool_it_says_where_to_get_it(folder, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceUnreachable, match="it comes with Prometheus") as caught:
        backtest(folder, rules=USUAL)
    assert caught.value.exit_code == 3


def test_generate_says_what_to_do_next(tmp_path):
    target = tmp_path / "made"
    options = ["--streams", "1", "--hours", "0.1", "--seed", "1"]
    done = CliRunner().invoke(app, ["alerts", "generate", "-o", str(target), *options])
    assert done.exit_code == 0
    assert f"resonance alerts backtest {target}" in done.stderr
    assert sorted(path.name for path in target.iterdir()) == [
        "generated-000.jsonl",
        "incidents.toml",
    ]
