"""`resonance worker`: run the hops of the stream until stopped."""

import os
from typing import Annotated, Final, Literal

import typer

HELP: Final = """Run hops of the stream until SIGTERM or Ctrl-C.

`scoring` reads comments, purchases and stage, and writes `events`. `engagement` reads `events`,
and writes `windows`. `archive` reads `events`, and writes Parquet files where `archive` says (a
setting). `all` runs them in one process, the last one where there is an archive. Start as many
workers as you like: they share the partitions, and one that dies is replaced by the others with
nothing lost or counted twice.

Example: `resonance worker all --broker 127.0.0.1:9092`
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="worker", help=HELP)(worker)


def worker(
    role: Annotated[
        Literal["scoring", "engagement", "archive", "all"],
        typer.Argument(help="Which hops to run."),
    ],
    broker: Annotated[
        str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            help="Serve the worker's own metrics on this port; 0: nowhere.",
            show_default="worker_metrics_port",
            min=0,
            max=65_535,
        ),
    ] = None,
) -> None:
    """Check the topics, then run until stopped: exit 0."""
    # Imported here: `resonance --help` must not wait for Faust and the Kafka clients.
    from resonance.agents.hosted import roles_of
    from resonance.agents.logs import set_up_logging
    from resonance.agents.privacy.viewer_key import watched_viewer_keys
    from resonance.agents.settings import load_settings
    from resonance.agents.worker import run_worker

    overrides = {"broker": broker, "worker_metrics_port": metrics_port}
    settings = load_settings(environ=os.environ, overrides=overrides)
    set_up_logging(settings)
    roles = roles_of(settings) if role == "all" else (role,)
    run_worker(settings, roles, watched_viewer_keys(settings))
