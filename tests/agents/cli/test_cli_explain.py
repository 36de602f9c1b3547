"""`resonance explain`: a rule, a market's rules, and the rules that explain a comment."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError


def run(*arguments):
    return CliRunner().invoke(app, ["explain", *arguments])


def rows(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_a_rule_is_shown_with_its_evidence_source_and_date():
    shown = run("CUS001").stdout
    for said in (
        "customs_tax_regulation (friction: customs_regulation)",
        "No duty-free de minimis",
        "customs, duty, import fee",
        "law, high confidence, as of 2025-08-29",
        "https://woocommerce.com/document/end-of-us-de-minimis-what-to-do/",
        "verified; may raise an alert",
    ):
        assert said in shown


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("CUS005", "unverified; explains, never alerts"),
        ("GES095", "verified; explains, never alerts"),
    ],
)
def test_what_is_from_memory_or_lore_says_that_it_never_alerts(rule, status):
    assert status in run(rule).stdout


def test_json_tells_what_a_program_must_know_of_a_rule():
    row = rows("cus001")
    assert list(row) == [
        *("id", "category", "markets", "cues", "expectation", "evidence_kind", "source", "as_of"),
        *("confidence", "verified", "friction", "may_alert", "version"),
    ]
    assert (row["id"], row["markets"], row["may_alert"]) == ("CUS001", ["US"], True)


def test_a_markets_rules_are_listed_one_a_line():
    lines = run("--market", "DE", "--category", "customs_regulation").stdout.splitlines()
    assert lines[0].startswith(
        "DE writes 12.345,60 € (EUR) and 4 March as 04.03.25; measures: metric"
    )
    assert [line.split()[0] for line in lines[2:]] == ["CUS002", "CUS003"]


def test_a_markets_habits_stand_beside_its_rules_in_json():
    assert rows("--market", "US")["habits"]["measurement"] == "US"
    assert rows("--category", "hard_sell")["habits"] is None


def test_rules_that_never_alert_are_marked_in_the_list():
    marks = {
        line[:6]: line[7]
        for line in run("--category", "customs_regulation").stdout.split("\n")
        if line
    }
    assert (marks["CUS001"], marks["CUS005"]) == (" ", "·")


def test_without_a_question_all_rules_are_listed():
    assert len(rows()["rules"]) == 123


def test_a_market_without_rules_of_its_own_says_so():
    result = run("--market", "IT")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    assert "no rule of IT's own" in result.stderr


def test_a_comments_friction_is_shown_with_the_rules_that_explain_it(monkeypatch):
    monkeypatch.setenv("RESONANCE_TIER", "rules")
    shown = run("--text", "was kostet der Zoll nach Deutschland?", "--market", "DE").stdout
    assert shown.startswith("customs_regulation 1 (zoll)")
    assert "says Zoll; law, as of 2021-07-01; verified; may raise an alert" in shown
    assert "by its subject" in shown


def test_a_comment_in_json_holds_its_score_and_the_cues_found(monkeypatch):
    monkeypatch.setenv("RESONANCE_TIER", "rules")
    answer = rows("--text", "does it come with duty?", "--market", "US")
    assert answer["market"] == "US"
    assert "customs_tax" in answer["score"]["topics"]
    assert answer["rules"][0]["cues_found"] == ["duty"]


def test_a_comment_without_friction_says_so():
    shown = run("--text", "so cute").stdout
    assert shown == "no friction in these words\n\nno rule explains it\n"


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("CUS1",), "no rule 'CUS1'; the nearest are CUS001"),
        (("",), "the nearest are"),
        (("CUS001", "--market", "DE"), "a rule's id stands alone"),
        (("--text", "hi", "--category", "hard_sell"), "leave --category out"),
        (("--market", "Germany"), "a code as in DE"),
        (("--category", "customs"), "did you mean customs_regulation?"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_remedy(arguments, remedy):
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    assert remedy in str(error)
