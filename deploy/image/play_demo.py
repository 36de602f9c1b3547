"""Play the demo's scripted stream, live, into the Kafka of the settings; then end.

`resonance demo` brings a broker of its own; this feeds workers that are already there.
"""

import asyncio
import os
import sys
from time import time_ns
from typing import Final

from resonance.agents import provisioning
from resonance.agents.demo import scenario
from resonance.agents.demo.player import Player
from resonance.agents.errors import ResonanceError
from resonance.agents.settings import Settings, load_settings

CURTAIN_MS: Final = 1_500  # The first event is not late.


async def play(settings: Settings) -> int:
    """Send every event at its time, two minutes in all; return how many were sent.

    Raises `ServiceUnreachable` or `UsageError` when the cluster is not as it should be.
    """
    topology = await asyncio.to_thread(provisioning.check, settings)
    sent = 0

    def count(events: int) -> None:
        nonlocal sent
        sent = events

    async with Player(settings, topology) as player:
        await player.play(scenario.events(time_ns() // 1_000_000 + CURTAIN_MS), count)
    return sent


def main() -> int:
    """Play, and return the exit status."""
    try:
        sent = asyncio.run(play(load_settings(environ=os.environ)))
    except ResonanceError as error:
        sys.stderr.write(f"play_demo: {error}\n")
        return error.exit_code
    sys.stderr.write(f"Played {sent} events of the stream {scenario.STREAM}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
