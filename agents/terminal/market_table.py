"""A stream on the terminal: one line a market, whoever counted it."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from resonance.streams.currencies import minor_digits
from resonance.streams.incident import NO_TOPIC
from resonance.streams.measures import FAINT_BELOW, gmv_minor, negative_share
from resonance.streams.windows import UNKNOWN_MARKET, WindowRow


def market_table(totals: Mapping[str, WindowRow], title: str | None = None) -> Table:
    """Return the table of a stream's totals by market, in the order given."""
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False, box=None)
    table.add_column("market")
    for name in ("comments", "commenters", "negative (95 %)", "questions", "orders", "GMV"):
        table.add_column(name, justify="right")
    table.add_column("complaints")
    table.add_column("friction")
    for market, row in totals.items():
        table.add_row(*_cells(market, row), style="dim" if market == UNKNOWN_MARKET else "")
    return table


def _cells(market: str, row: WindowRow) -> list[str | Text]:
    return [
        market,
        str(row.comments),
        str(row.commenters),
        _negative(row),
        str(row.signals.get("question", 0)),
        str(row.purchases.get("paid", 0)),
        ", ".join(money(amount, currency) for currency, amount in gmv_minor(row).items()) or "–",
        _top(row.complaint_topics),
        _top({category: friction.count for category, friction in row.friction.items()}),
    ]


def _negative(row: WindowRow) -> Text:
    share = negative_share(row)
    if share.value is None:
        return Text("–")
    shown = f"{share.value:.0%} ({share.low:.0%}–{share.high:.0%})"
    return Text(shown, style="dim" if share.n < FAINT_BELOW else "")


def _top(counts: dict[str, int]) -> str:
    """Return the most frequent name and its count; "none" only when there is no other."""
    named = {name: count for name, count in counts.items() if name != NO_TOPIC} or counts
    if not named:
        return "–"
    name = max(sorted(named), key=named.__getitem__)
    return f"{name} {named[name]}"


def money(amount_minor: int, currency: str) -> str:
    """Return an amount of minor units with its ISO 4217 code.

    >>> money(123456, "EUR"), money(3680, "JPY")
    ('1,234.56 EUR', '3,680 JPY')
    """
    digits = minor_digits(currency)
    return f"{amount_minor / 10**digits:,.{digits}f} {currency}"
