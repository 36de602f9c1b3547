"""Play the demo's scripted stream, live, into the Kafka of the settings; then end.

`resonance demo` brings a broker of its own; this feeds workers that are already there.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from time import time_ns
from typing import Final

from resonance.agents.broker import provisioning
from resonance.agents.demo import scenario
from resonance.agents.demo.player import Player
from resonance.agents.errors import ResonanceError
from resonance.agents.settings import Settings, load_settings
from resonance.streams.events import RawEvent

CURTAIN_MS: Final = 1_500  # The first event is not late.


async def play(settings: Settings, events: Sequence[RawEvent]) -> int:
    """Send every event when its time of arrival has come; return how many were sent.

    Raises `ServiceUnreachable` or `UsageError` when the cluster is not as it should be.
    """
    topology = await asyncio.to_thread(provisioning.check, settings)
    sent = 0

    def count(so_far: int) -> None:
        nonlocal sent
        sent = so_far

    async with Player(settings, topology) as player:
        await player.play(events, count)
    return sent


def main() -> int:
    """Play the two minutes, and return the exit status."""
    events = scenario.events(time_ns() // 1_000_000 + CURTAIN_MS)
    try:
        sent = asyncio.run(play(load_settings(environ=os.environ), events))
    except ResonanceError as error:
        sys.stderr.write(f"play_demo: {error}\n")
        return error.exit_code
    sys.stderr.write(f"Played {sent} events of the stream {scenario.STREAM}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
