"""`resonance topics`: make the Kafka topics that the hops rely on, and check them."""

import os
from typing import Annotated, Literal

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
    commands.command(
        "acls",
        epilog="Example: `resonance topics acls --role board --principal User:board --dry-run`",
    )(acls)
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

    from resonance.agents.broker import provisioning

    made = provisioning.provision(_settings(broker))
    if as_json:
        typer.echo(msgspec.json.encode(made).decode())
        return
    for topic in made:
        typer.echo(f"{topic.topic}: {topic.outcome}, {topic.partitions} partitions")


def check(broker: Broker = None) -> None:
    """Check that every topic is there, with the partitions and clean-up that the hops rely on.

    Exit 1: they can be used, but are kept for another time than the settings say.
    """
    from resonance.agents.broker import provisioning
    from resonance.agents.broker.topic_config import config_problems

    settings = _settings(broker)
    topology = provisioning.check(settings)
    if problems := config_problems(settings):
        typer.echo("\n".join(map(str, problems)))
        raise typer.Exit(1)
    typer.echo(f"All {len(topology.partitions)} topics are as they should be.", err=True)


def acls(
    role: Annotated[
        Literal[
            "scoring", "engagement", "archive", "board", "import", "operator", "retry", "admin"
        ],
        typer.Option(help="What the principal runs."),
    ],
    principal: Annotated[str, typer.Option(help="Who: User:NAME, the name it logs in with.")],
    host: Annotated[str, typer.Option(help="The address it comes from; * for any.")] = "*",
    broker: Broker = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be granted; ask no broker.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Grant a principal the least that a role needs. Run it as a super user of the broker.

    To grant again changes nothing; `kafka-acls` lists and revokes.
    """
    import msgspec

    from resonance.agents.broker.acls import grant, grants_of, refuse_principal

    settings = _settings(broker)
    refuse_principal(principal)
    granted = grants_of(settings, role) if dry_run else grant(settings, role, principal, host)
    if as_json:
        rows = [one._asdict() | {"principal": principal, "host": host} for one in granted]
        typer.echo(msgspec.json.encode(rows).decode())
        return
    for one in granted:
        typer.echo(f"{principal}: {one}")


def _settings(broker: str | None) -> Settings:
    return load_settings(environ=os.environ, overrides={"broker": broker})
