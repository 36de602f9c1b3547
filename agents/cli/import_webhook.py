"""`resonance import webhook`: orders as shops send them, into Kafka."""

import asyncio
import json
import os
from typing import Annotated, Final

import typer

from resonance.agents.terminal.serving import serve_until_stopped

HELP: Final = """Receive orders from shops, and answer once Kafka has them.

POST /shopify takes Shopify's webhooks for orders and refunds, signed with the secret in \
`shopify_secret_file`. POST /cloudevents takes CloudEvents 1.0 around purchases or Shopify's \
orders: from this machine, or from who shows the token in `webhook_token_file`. GET /healthz and \
GET /counts tell how it goes.

What Kafka has not confirmed is answered with 503, for the shop to send again. Runs until stopped, \
and finishes what is under way.

Example: `RESONANCE_SHOPIFY_SECRET_FILE=shopify.secret resonance import webhook --channel lumi`
"""


def webhook(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="webhook_host")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one.",
            show_default="webhook_port",
            min=0,
            max=65_535,
        ),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            help="The channel whose live stream the orders join.", show_default="the shop's domain"
        ),
    ] = None,
    stream: Annotated[
        str | None,
        typer.Option(help="The stream's id.", show_default="the channel's, live at the time"),
    ] = None,
    platform: Annotated[
        str | None, typer.Option(help="The platform's name.", show_default="shopify")
    ] = None,
    broker: Annotated[
        str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON at the end.")
    ] = False,
) -> None:
    """Receive orders: exit 0 when stopped by SIGTERM, 130 by Ctrl-C, 3 without Kafka."""
    # Imported here: `resonance --help` must not wait for a web server and a Kafka client.
    from resonance.agents.importing.options import stream_options
    from resonance.agents.logs import set_up_logging
    from resonance.agents.settings import load_settings
    from resonance.agents.webhook.service import serve_webhook
    from resonance.agents.webhook.web import Access

    overrides = {"webhook_host": host, "webhook_port": port, "broker": broker}
    settings = load_settings(environ=os.environ, overrides=overrides)
    options = stream_options([], [], stream, channel, platform)
    set_up_logging(settings)

    def tell(url: str, access: Access) -> None:
        typer.echo(f"Receiving orders at {url}", err=True)
        if not access.shopify_secrets:
            typer.echo("/shopify is closed: `shopify_secret_file` is not set", err=True)
        if not access.takes_cloudevents:
            typer.echo("/cloudevents is closed: `webhook_token_file` is not set", err=True)

    async def serve(stop: asyncio.Event) -> None:
        counts = await serve_webhook(settings, options, stop=stop, opened=tell)
        refused = sum(counts.refused.values())
        if as_json:
            typer.echo(json.dumps(counts.as_json()))
        else:
            told = f"{counts.requests} requests: {counts.confirmed} events confirmed"
            typer.echo(f"{told}, {counts.duplicates} sent twice, {refused} refused", err=True)

    raise typer.Exit(serve_until_stopped(serve))
