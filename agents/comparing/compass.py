"""The compass of a channel, out of the archive."""

from collections.abc import Sequence

from resonance.agents.archiving.catalogue import catalogue
from resonance.agents.archiving.store import Store
from resonance.agents.comparing.channel import activities, streams_of_channel
from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.settings import Settings
from resonance.streams.compass.build import build_compass
from resonance.streams.compass.facts import Compass


def compass_of_archive(
    settings: Settings,
    channel: str,
    *,
    platform: str | None = None,
    days: int,
    markets: Sequence[str] = (),
) -> Compass:
    """Return when a channel's markets buy, by its streams of so many days before its last one.

    `markets`: these alone; none means all. Raises `UsageError` when the archive has no such
    channel, or nothing of such a market.
    """
    store = Store(settings.archive)
    entries = streams_of_channel(catalogue(store), channel, platform, days)
    erased = ErasedList(used_list_file(settings)).viewers
    counted = list(activities(settings, store, entries, erased))
    known = {slot.market for _, slots in counted for slot in slots}
    if absent := sorted(set(markets) - known):
        message = (
            f"--market {absent[0]}: nobody of it was on these streams. "
            f"There are: {', '.join(sorted(known)) or 'none'}"
        )
        raise UsageError(message)
    return Compass(
        channel=channel,
        platform=entries[0].platform,
        days=days,
        first_start_ms=entries[0].start_ms,
        last_start_ms=entries[-1].start_ms,
        streams=tuple(entry.stream for entry in entries),
        markets=build_compass(counted, markets),
    )
