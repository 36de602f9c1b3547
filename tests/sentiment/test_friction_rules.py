"""The friction rules: what a row must hold, which may alert, and which explain a comment."""

import csv
import re
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.culture.explain import FRICTION_OF, explain, rules_of
from resonance.sentiment.culture.rules import (
    COLUMNS,
    EVIDENCE_KINDS,
    RULE_CATEGORIES,
    RuleError,
    friction_rules,
    parse,
    rules_version,
)
from resonance.sentiment.score import Scorer
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES

GOOD = {
    "id": "CUS001",
    "category": "customs_tax_regulation",
    "markets": "US,GB",
    "cues": "duty, 12.345,60",
    "expectation": "Duty is due.",
    "evidence_kind": "law",
    "source": "https://example.com/law",
    "as_of": "2025-08-29",
    "confidence": "high",
    "verified": "yes",
}
SCORER = Scorer(tier="rules")


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def explained(text: str, market: str | None) -> dict[str, tuple[str, ...]]:
    score = SCORER.score(text, (), (market,) if market else ())
    return {found.rule.id: found.cues for found in explain(text, market, score)}


def test_every_row_of_the_table_is_a_rule() -> None:
    rules = friction_rules().values()
    assert len(rules) == 123
    assert {rule.category for rule in rules} == set(RULE_CATEGORIES)
    assert {rule.evidence_kind for rule in rules} == set(EVIDENCE_KINDS)
    assert len({market for rule in rules for market in rule.markets} - {"*"}) == 19


def test_a_rule_from_memory_or_folk_lore_never_alerts() -> None:
    rules = friction_rules().values()
    assert not any(rule.may_alert for rule in rules if not rule.verified)
    assert not any(rule.may_alert for rule in rules if rule.evidence_kind == "folk")
    assert not any(rule.verified for rule in rules if "not checked" in rule.source)
    assert sum(rule.may_alert for rule in rules) == 28


def test_a_rule_that_was_read_says_where() -> None:
    named = re.compile(r"https?://|repo |cldr-json|Babel|holidays|tzdata|our .* data")
    assert all(named.search(r.source) for r in friction_rules().values() if r.verified)


def test_the_version_is_raised_with_the_table() -> None:
    # A changed table: raise TABLE_VERSION, then note the new fingerprint here.
    assert rules_version() == "1-fc422b5d28e7"


def test_every_friction_category_has_rules() -> None:
    assert set(FRICTION_OF.values()) == set(FRICTION_CATEGORIES)


def test_a_comma_within_a_number_does_not_end_a_cue() -> None:
    [rule] = parse(table(GOOD))
    assert rule.cues == ("duty", "12.345,60")
    assert rule.markets == ("US", "GB")
    assert rule.may_alert


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("id", "CUS1", r"\$\.id"),
        ("category", "customs", "customs"),
        ("markets", "us", r"\$\.markets"),
        ("markets", "", r"\$\.markets"),
        ("cues", "", r"\$\.cues"),
        ("expectation", "", r"\$\.expectation"),
        ("expectation", "x" * 401, r"\$\.expectation"),
        ("evidence_kind", "rumour", "rumour"),
        ("as_of", "2025", r"\$\.as_of"),
        ("confidence", "some", "some"),
        ("verified", "maybe", r"\$\.verified"),
    ],
)
def test_a_value_outside_its_vocabulary_is_refused_by_line(
    column: str, value: str, said: str
) -> None:
    with pytest.raises(RuleError, match=rf"friction_rules\.csv, line 3: .*{said}"):
        parse(table(GOOD, GOOD | {"id": "CUS002"} | {column: value}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the columns must be id,category"),
        (table(GOOD, columns=COLUMNS[::-1]), "line 1: the columns must be"),
        (table(GOOD, GOOD), "line 3: CUS001 stands twice"),
        (table(GOOD) + "a,b\n", "line 3: 2 columns, expected 10"),
        (table(GOOD) + '"open', "line 3: "),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused_never_a_crash(text: str) -> None:
    for candidate in (text, table(GOOD) + text):
        with suppress(RuleError):
            parse(candidate)


@pytest.mark.parametrize(
    ("text", "market", "rule", "cue"),
    [
        ("was kostet der Zoll nach Deutschland?", "DE", "CUS002", "Zoll"),
        ("who pays the DUTY???", "US", "CUS001", "duty"),
        ("do you take returns", "GB", "AFT020", "return"),  # An ending.
        ("CF 7", "TH", "ORD114", "CF12"),  # Another number.
        ("الجمارك كم", "SA", "CUS012", "جمارك"),  # Behind an article.
        ("정품인가요?", "KR", "TRU045", "정품"),  # Before a particle.
        ("kak 75k boleh?", "ID", "UNI074", "50k"),
        ("lebaran sampai ga", "ID", "TIM122", "lebaran"),  # A rule of all markets.
    ],
)
def test_the_words_of_a_comment_lead_to_its_rule_first(
    text: str, market: str, rule: str, cue: str
) -> None:
    found = explained(text, market)
    assert next(iter(found)) == rule
    assert cue in found[rule]


def test_what_a_comment_is_about_leads_to_the_markets_rules_without_their_words() -> None:
    assert explained("what size is this?", "US")["UNI065"] == ()
    assert explained("customs charged me twice", "JP")["CUS014"] == ()


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("so cute", "US"),
        ("", "US"),
        ("13 dollars", "US"),  # A number is a taboo only where taboos are the subject.
        ("how much is it", "TH"),  # A price is not yet bargaining.
        ("Zoll?", "US"),  # Another market's word.
    ],
)
def test_a_comment_without_friction_is_not_explained(text: str, market: str | None) -> None:
    assert not any(rule.startswith(("CUS002", "GES", "PRI")) for rule in explained(text, market))


def test_without_a_market_words_alone_lead_to_rules() -> None:
    assert list(explained("aduana?", None)) == ["CUS002", "CUS006"]


@given(text=st.text(max_size=60), market=st.sampled_from(["DE", "TH", "IT", None]))
def test_any_comment_is_explained_by_rules_of_its_market_or_by_none(
    text: str, market: str | None
) -> None:
    for rule, cues in explain(text, market, SCORER.score(text)):
        assert rule.holds_in(market) or (market is None and cues)


@pytest.mark.parametrize(
    ("market", "category", "first", "count"),
    [
        ("DE", "customs_regulation", "CUS002", 2),
        ("DE", "customs_tax_regulation", "CUS002", 2),
        ("JP", "taboo_etiquette", "REL093", 4),
        ("IT", None, "UNI067", 4),
        (None, None, "CUS001", 123),
    ],
)
def test_rules_are_listed_by_market_and_by_either_kind_of_category(
    market: str | None, category: str | None, first: str, count: int
) -> None:
    rules = rules_of(market, category)
    assert (rules[0].id, len(rules)) == (first, count)


def test_no_rules_evidence_is_better_than_what_was_collected(data_dir: Path) -> None:
    with (data_dir / "culture/friction_rules.csv").open(encoding="utf-8", newline="") as file:
        given_rows = {row["rule_id"]: row for row in csv.DictReader(file)}
    ours = friction_rules()
    assert list(given_rows) == list(ours)
    for rule_id, row in given_rows.items():
        assert (row["category"], row["evidence_kind"], row["as_of"], row["confidence"]) == (
            *(ours[rule_id].category, ours[rule_id].evidence_kind),
            *(ours[rule_id].as_of, ours[rule_id].confidence),
        )
        assert row["retrieved"] == "yes" or not ours[rule_id].verified
