"""`resonance doctor`: is everything as it should be, and if not, what is to be done?"""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from resonance.agents.settings import Settings, load_settings

if TYPE_CHECKING:
    from resonance.agents.doctor.conservation import Balance

HELP = """Look at broker, topics, workers, clocks, key, model and monitoring; tell what to mend.

Exit 0: all is well. 1: something is not. 3: something does not answer.

Example: `resonance doctor --prometheus http://127.0.0.1:9090`
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="doctor", help=HELP)(doctor)


def doctor(
    conservation: Annotated[
        bool,
        typer.Option("--conservation", help="Instead: show that no hop lost or doubled a record."),
    ] = False,
    hours: Annotated[
        float, typer.Option(help="How far back --conservation looks at raw topics.", min=0.01)
    ] = 24.0,
    prometheus: Annotated[str, typer.Option(help="URL of Prometheus.", metavar="URL")] = "",
    alertmanager: Annotated[str, typer.Option(help="URL of Alertmanager.", metavar="URL")] = "",
    max_lag: Annotated[int, typer.Option(help="Records that may wait for a hop.", min=0)] = 10_000,
    broker: Annotated[
        str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine everything, or weigh what went in and out of each hop."""
    import msgspec

    from resonance.agents.doctor.finding import exit_code
    from resonance.agents.doctor.report import balance_lines, examine, finding_lines

    settings = load_settings(environ=os.environ, overrides={"broker": broker})
    if conservation:
        balances = _weighed(settings, hours)
        lines = [msgspec.json.encode(balances).decode()] if as_json else balance_lines(balances)
        code = int(any(balance.difference for balance in balances))
    else:
        findings = asyncio.run(
            examine(settings, prometheus=prometheus, alertmanager=alertmanager, max_lag=max_lag)
        )
        lines = [msgspec.json.encode(findings).decode()] if as_json else finding_lines(findings)
        code = exit_code(findings)
    typer.echo("\n".join(lines))
    raise typer.Exit(code)


def _weighed(settings: Settings, hours: float) -> "list[Balance]":
    from resonance.agents.doctor.report import weigh
    from resonance.agents.terminal.progress import progress_bar

    with progress_bar("Reading the topics", None) as heard:
        return asyncio.run(weigh(settings, hours, heard))
