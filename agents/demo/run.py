"""Set the stage: broker, settings, port; then run the demo and print what it came to."""

import asyncio
import errno
import logging
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.demo import scenario
from resonance.agents.demo.screen import Screen
from resonance.agents.demo.show import RECORDED_AT_MS, Show
from resonance.agents.errors import UsageError
from resonance.agents.settings import Settings, load_settings
from resonance.streams.codec import encode_raw

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 8080
LAST_PORT: Final = 8099
INTERRUPTED: Final = 130
# A headless run waits for its own results again and again: they come sooner.
HEADLESS_PUBLISH_SECONDS: Final = 0.1
HEADLESS_BUDGET_SECONDS: Final = 3_600.0  # A slow machine must not give other numbers.


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line. `port` is None when none was named."""

    headless: bool
    as_json: bool
    port: int | None
    duration_seconds: int
    serve: bool


def run(options: Options) -> int:
    """Run the demo to its end, or until it is stopped while serving; return the exit status.

    Raises `UsageError` when the port that was named is taken, `ServiceUnreachable` when a part of
    the demo does not work.
    """
    logging.basicConfig(level=logging.ERROR)  # The screen is for the demo's own messages.
    screen = Screen(as_json=options.as_json)
    port = 0 if options.headless else _port(options.port, screen)
    with EmbeddedBroker() as broker:
        settings = _settings(options, port)
        show = Show(broker.settings(settings), screen, duration_seconds=options.duration_seconds)
        if options.headless:
            asyncio.run(show.headless())
            return 0
        finished = asyncio.run(show.live(serve=options.serve))
        return 0 if finished else INTERRUPTED


def _settings(options: Options, port: int) -> Settings:
    """Return what the demo runs with: its own, with whatever scores comments as the user set it."""
    chosen = load_settings(environ=os.environ)
    settings = Settings(
        board_host=HOST,
        board_port=port,
        publish_interval_seconds=1.0,
        tier=chosen.tier,
        model=chosen.model,
        model_labels=chosen.model_labels,
        model_threads=chosen.model_threads,
    )
    if not options.headless:
        return settings
    return replace(
        settings,
        publish_interval_seconds=HEADLESS_PUBLISH_SECONDS,
        scoring_budget_seconds=HEADLESS_BUDGET_SECONDS,
    )


def dump(target: Path, *, duration_seconds: int) -> None:
    """Write the scripted events as JSON lines, in the order of arrival; `-` is standard output.

    Raises `UsageError` when the file cannot be written.
    """
    events = scenario.cut(scenario.events(RECORDED_AT_MS), duration_seconds)
    lines = b"".join(encode_raw(event) + b"\n" for event in events)
    if str(target) == "-":
        sys.stdout.buffer.write(lines)
        return
    try:
        target.write_bytes(lines)
    except OSError as error:
        message = f"cannot write {target}: {error.strerror}; name another file after --dump"
        raise UsageError(message) from error


def _port(asked: int | None, screen: Screen) -> int:
    """Return the port to open: the one that was named, or the first free one from 8080 on."""
    if asked is not None:
        if not _is_free(asked):
            message = f"port {asked} is taken; name another after --port, or leave it out"
            raise UsageError(message)
        return asked
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if _is_free(port):
            if port != FIRST_PORT:
                screen.say(f"Port {FIRST_PORT} is taken; the board is on {port}.")
            return port
    message = f"ports {FIRST_PORT} to {LAST_PORT} are all taken; name another with --port"
    raise UsageError(message)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True
