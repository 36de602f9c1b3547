"""`resonance topics`: make the Kafka topics that the hops rely on, and check them."""

import os
from typing import Annotated

import typer

from resonance.agents.settings import Settings, load_settings

Broker = Annotated[
    str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        no_args_is_help=True,
        help="Make and check the Kafka topics.",
        epilog="Example: `resonance topics create`",
    )
    commands.command("create", epilog="Example: `resonance topics create --broker kafka:9092`")(
        create
    )
    commands.command("check", epilog="Example: `resonance topics check`")(check)
    app.add_typer(commands, name="topics")


def create(
    broker: Broker = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the topics that are missing; those that exist are left as they are.

    Partitions, replication and the prefix of the names are settings (`resonance config show`).
    """
    # Imported here: `resonance --help` must not wait for a Kafka client.
    import msgspec

    from resonance.agents import provisioning

    made = provisioning.provision(_settings(broker))
    if as_json:
        typer.echo(msgspec.json.encode(made).decode())
        return
    for topic in made:
        typer.echo(f"{topic.topic}: {topic.outcome}, {topic.partitions} partitions")


def check(broker: Broker = None) -> None:
    """Check that every topic is there, with the partitions and clean-up that the hops rely on."""
    from resonance.agents import provisioning

    topology = provisioning.check(_settings(broker))
    typer.echo(f"All {len(topology.partitions)} topics are as they should be.", err=True)


def _settings(broker: str | None) -> Settings:
    overrides = {} if broker is None else {"broker": broker}
    return load_settings(environ=os.environ, overrides=overrides)
