"""The friction rules: one row of `friction_rules.csv` each, read once, checked row by row."""

import csv
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import StringIO
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta

TABLE: Final = "friction_rules.csv"
TABLE_VERSION: Final = "1"  # Raised with every change of the table.
EVERYWHERE: Final = "*"
RULES_MAX: Final = 2_000

RuleCategory = Literal[
    "customs_tax_regulation",
    "trust_counterfeit",
    "units_size_currency",
    "price_bargaining",
    "language_barrier",
    "hard_sell_scarcity",
    "religion_taboo_etiquette",
    "gesture_colour_number",
    "after_sales_returns",
    "payment_method",
    "shipping_time",
    "order_code_culture",
    "timezone_holiday",
]
# From what binds to what is merely said: a law, a published standard, a statistic, a data set,
# a measurement of ours, a study, what sellers do, and lore.
EvidenceKind = Literal[
    "law", "standard", "stat", "dataset", "measured", "research", "practice", "folk"
]
Confidence = Literal["high", "medium", "low"]

RULE_CATEGORIES: Final[tuple[RuleCategory, ...]] = get_args(RuleCategory)
EVIDENCE_KINDS: Final[tuple[EvidenceKind, ...]] = get_args(EvidenceKind)

Market = Annotated[str, Meta(pattern=r"^([A-Z]{2}|\*)$")]
Cue = Annotated[str, Meta(min_length=1, max_length=60)]
Sentence = Annotated[str, Meta(min_length=1, max_length=400)]

_YES_NO: Final = {"yes": True, "no": False}
_CUE_END: Final = re.compile(r",\s+")  # In "12.345,60" the comma is a part of the cue.


class RuleError(ValueError):
    """A row of the table is wrong; the message names file, line and remedy."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a market expects, and how well that is known."""

    id: Annotated[str, Meta(pattern=r"^[A-Z]{3}\d{3}$")]
    category: RuleCategory
    markets: Annotated[tuple[Market, ...], Meta(min_length=1, max_length=50)]  # "*": everywhere.
    cues: Annotated[tuple[Cue, ...], Meta(min_length=1, max_length=20)]  # Words it comes up in.
    expectation: Sentence
    evidence_kind: EvidenceKind
    source: Sentence
    as_of: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]  # In force or observed since.
    confidence: Confidence
    verified: bool  # The source was read and can be looked up; else it is from memory.

    @property
    def may_alert(self) -> bool:
        """Tell whether an alert may rest on this rule; what is unread or lore only explains."""
        return self.verified and self.evidence_kind != "folk"

    def holds_in(self, market: str | None) -> bool:
        """Tell whether the rule is of this market, or of all."""
        return EVERYWHERE in self.markets or market in self.markets


COLUMNS: Final = tuple(field.name for field in msgspec.structs.fields(Rule))


def parse(text: str) -> tuple[Rule, ...]:
    """Return the rules of a table in CSV whose first line names the columns.

    Raises:
        RuleError: the columns differ, a value is none that is allowed, or an id stands twice.
    """
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    found: dict[str, Rule] = {}
    try:
        if tuple(next(rows, ())) != COLUMNS:
            _refuse(rows.line_num, f"the columns must be {','.join(COLUMNS)}")
        for row in rows:
            rule = _rule(row)
            if rule.id in found:
                _refuse(rows.line_num, f"{rule.id} stands twice; number it anew")
            if len(found) == RULES_MAX:
                _refuse(rows.line_num, f"more than {RULES_MAX} rules")
            found[rule.id] = rule
    except (csv.Error, msgspec.ValidationError) as error:
        _refuse(rows.line_num, str(error))
    return tuple(found.values())


def _rule(row: list[str]) -> Rule:
    if len(row) != len(COLUMNS):
        msg = f"{len(row)} columns, expected {len(COLUMNS)}; quote what holds a comma"
        raise msgspec.ValidationError(msg)
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    values["markets"] = values["markets"].split(",")
    values["cues"] = _CUE_END.split(values["cues"])
    values["verified"] = _YES_NO.get(values["verified"], values["verified"])
    return msgspec.convert(values, Rule)


def _refuse(line: int, why: str) -> None:
    msg = f"{TABLE}, line {line}: {why}"
    raise RuleError(msg) from None


def _read() -> str:
    return files("resonance.sentiment.culture").joinpath(TABLE).read_text(encoding="utf-8")


@cache
def friction_rules() -> dict[str, Rule]:
    """Return every rule by its id, in the table's order."""
    return {rule.id: rule for rule in parse(_read())}


@cache
def rules_version() -> str:
    """Return the table's version and 12 hexadecimal digits that change with any change of it.

    As in "1-0a1b2c3d4e5f".
    """
    return f"{TABLE_VERSION}-{sha256(_read().encode()).hexdigest()[:12]}"
