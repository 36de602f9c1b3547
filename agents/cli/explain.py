"""`resonance explain`: what a market expects, and which of its rules explain a comment."""

import os
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.sentiment.culture.explain import Explanation
    from resonance.sentiment.culture.rules import Rule
    from resonance.sentiment.scores import Score

HELP: Final = """Explain where buying across a border goes wrong: laws, habits, taboos.

With an id: that rule, its source and how well it is known.

With --market or --category: their rules, one a line; those marked · explain, but never alert.

With --text: the friction in a comment, and the rules that explain it.

Examples:

  resonance explain CUS001

  resonance explain --market DE --category customs_regulation

  resonance explain --text "was kostet der Zoll?" --market DE --json
"""
MARKET: Final = re.compile(r"[A-Z]{2}")
NUMBER: Final = re.compile(r"\d+$")
IDS_SHOWN: Final = 3


def register(app: typer.Typer) -> None:
    """Add `explain` to the command line."""
    app.command(name="explain", help=HELP)(explain)


def explain(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="RULE", help="A rule's id, as in CUS001.")
    ] = None,
    market: Annotated[str | None, typer.Option(help="A market's ISO code, as in DE.")] = None,
    category: Annotated[
        str | None, typer.Option(help="A friction category, or one of the table's.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="A comment to explain.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the command: data on standard output, everything else on standard error."""
    if rule_id is not None and (market, category, text) != (None, None, None):
        message = "a rule's id stands alone; --market, --category and --text look for rules"
        raise UsageError(message)
    if text is not None and category is not None:
        message = "--text finds the categories itself; leave --category out"
        raise UsageError(message)
    if market is not None and not MARKET.fullmatch(market):
        message = f"--market takes a code as in DE, not {market!r}"
        raise UsageError(message)
    if rule_id is not None:
        _one(rule_id, as_json=as_json)
    elif text is not None:
        _comment(text, market, as_json=as_json)
    else:
        _list(market, category, as_json=as_json)


def _one(rule_id: str, *, as_json: bool) -> None:
    from resonance.sentiment.culture.rules import friction_rules

    rules = friction_rules()
    rule = rules.get(rule_id.upper())
    if rule is None:
        numbered = NUMBER.sub(lambda digits: digits[0].zfill(3), rule_id.upper())
        near = get_close_matches(numbered, rules, n=IDS_SHOWN, cutoff=0)
        message = (
            f"no rule {rule_id!r}; the nearest are {', '.join(near)}. `resonance explain` lists all"
        )
        raise UsageError(message)
    if as_json:
        _print_json(shown(rule))
    else:
        typer.echo("\n".join(_page(rule)))


def _list(market: str | None, category: str | None, *, as_json: bool) -> None:
    from resonance.sentiment.culture.explain import FRICTION_OF, rules_of
    from resonance.sentiment.culture.habits import market_habits
    from resonance.sentiment.culture.rules import EVERYWHERE, RULE_CATEGORIES

    known = sorted({*RULE_CATEGORIES, *FRICTION_OF.values()})
    if category is not None and category not in known:
        near = get_close_matches(category, known, n=1, cutoff=0)
        message = f"no category {category!r}; did you mean {near[0]}? Known: {', '.join(known)}"
        raise UsageError(message)
    rules = rules_of(market, category)
    if market is not None and all(EVERYWHERE in rule.markets for rule in rules):
        typer.echo(f"no rule of {market}'s own; what holds everywhere is all there is", err=True)
    habits = market_habits().get(market or "")
    if as_json:
        _print_json({"habits": habits, "rules": [shown(rule) for rule in rules]})
        return
    if habits is not None:
        typer.echo(
            f"{market} writes {habits.amount} ({habits.currency}) and 4 March as {habits.date}; "
            f"measures: {habits.measurement}; weekend: {habits.weekend}\n"
        )
    typer.echo("\n".join(map(_line, rules)))


def _comment(text: str, market: str | None, *, as_json: bool) -> None:
    from resonance.agents.cli.score import shown as shown_score
    from resonance.agents.scorers import make_scorer
    from resonance.agents.settings import load_settings
    from resonance.sentiment.culture.explain import explain as find_explanations

    scorer = make_scorer(load_settings(environ=os.environ))
    score = scorer.score(text, (), () if market is None else (market,))
    explanations = find_explanations(text, market, score)
    if as_json:
        rules = [shown(rule) | {"cues_found": cues} for rule, cues in explanations]
        _print_json({"market": market, "score": shown_score(score), "rules": rules})
    else:
        typer.echo("\n".join(_answer(score, explanations)))


def shown(rule: "Rule") -> dict[str, Any]:
    """Return a rule as the command prints it."""
    from msgspec.structs import asdict

    from resonance.sentiment.culture.explain import FRICTION_OF
    from resonance.sentiment.culture.rules import rules_version

    return asdict(rule) | {
        "friction": FRICTION_OF.get(rule.category),
        "may_alert": rule.may_alert,
        "version": rules_version(),
    }


def _print_json(value: object) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(value))


def _status(rule: "Rule") -> str:
    verified = "verified" if rule.verified else "unverified"
    return f"{verified}; {'may raise an alert' if rule.may_alert else 'explains, never alerts'}"


def _page(rule: "Rule") -> list[str]:
    row = shown(rule)
    subject: str = rule.category
    if row["friction"] not in {None, subject}:
        subject = f"{rule.category} (friction: {row['friction']})"
    lines = {
        "About": subject,
        "Markets": "everywhere" if "*" in rule.markets else ", ".join(rule.markets),
        "Expect": rule.expectation,
        "Cues": ", ".join(rule.cues),
        "Evidence": f"{rule.evidence_kind}, {rule.confidence} confidence, as of {rule.as_of}",
        "Source": rule.source,
        "Status": _status(rule),
        "Table": row["version"],
    }
    return [rule.id, *(f"{title:<9} {value}" for title, value in lines.items())]


def _line(rule: "Rule") -> str:
    mark = " " if rule.may_alert else "·"
    return f"{rule.id} {mark} {','.join(rule.markets):<20} {rule.category:<24} {rule.expectation}"


def _answer(score: "Score", explanations: "tuple[Explanation, ...]") -> list[str]:
    lines = [f"{f.category} {f.severity} ({f.evidence})" for f in score.friction]
    lines = lines or ["no friction in these words"]
    for rule, cues in explanations:
        why = f"says {', '.join(cues)}" if cues else "by its subject"
        lines += ["", f"{rule.id}  {rule.expectation}"]
        lines += [f"        {why}; {rule.evidence_kind}, as of {rule.as_of}; {_status(rule)}"]
    if not explanations:
        lines += ["", "no rule explains it"]
    return lines
