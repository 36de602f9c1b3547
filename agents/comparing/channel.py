"""A channel's streams in the archive, and what the replay of each yields for comparing them."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from resonance.agents.archiving.catalogue import StreamEntry
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.terminal.progress import progress_bar
from resonance.streams.compass.build import StreamActivity
from resonance.streams.erasure import ErasedViewers
from resonance.streams.replaying.log import LogReplay
from resonance.streams.topics import DAY_MS

NEAREST: Final = 3


def streams_of_channel(
    entries: Sequence[StreamEntry], channel: str, platform: str | None, days: int
) -> list[StreamEntry]:
    """Return the channel's streams of so many days before its last one, in order of time.

    Raises `UsageError` where there is no such channel, naming the nearest, and where platforms
    share its name and none is chosen.
    """
    mine = [entry for entry in entries if entry.channel == channel]
    if not mine:
        known = sorted({entry.channel for entry in entries})
        near = get_close_matches(channel, known, n=NEAREST, cutoff=0)
        told = f"The nearest: {', '.join(near)}" if near else "It has no stream at all"
        message = f"the archive has no channel {channel!r}. {told}"
        raise UsageError(message)
    platforms = sorted({entry.platform for entry in mine})
    if platform is None and len(platforms) > 1:
        message = f"{channel!r} is a channel of {' and of '.join(platforms)}: choose by --platform"
        raise UsageError(message)
    if platform is not None and platform not in platforms:
        message = f"--platform {platform}: {channel!r} is a channel of {', '.join(platforms)}"
        raise UsageError(message)
    chosen = platform or platforms[0]
    mine = [entry for entry in mine if entry.platform == chosen]
    last_ms = max(entry.start_ms for entry in mine)
    within = [entry for entry in mine if last_ms - entry.start_ms <= days * DAY_MS]
    return sorted(within, key=lambda entry: (entry.start_ms, entry.stream))


def activities(
    settings: Settings, store: Store, entries: Sequence[StreamEntry], erased: ErasedViewers
) -> Iterator[StreamActivity]:
    """Replay the streams one after the other, in order of time, and yield the activity of each.

    Those that ran at the same time are replayed together: they share the channel's orders that
    name no stream. Of all others nothing but the counts is kept.
    """
    with progress_bar("Folding streams", sum(entry.records for entry in entries)) as advance:
        for together in _at_the_same_time(entries):
            log = read_streams(store, [entry.stream for entry in together], erased.redacted)
            replay = LogReplay(fold_settings(settings), log.ticks)
            for record in log.records:
                replay.feed(record)
                advance(1)
            for name, past in replay.finish().streams.items():
                if name in log.streams:
                    yield StreamActivity(name, past.activity)


def _at_the_same_time(entries: Sequence[StreamEntry]) -> list[list[StreamEntry]]:
    """Return the entries, which stand in order of time, in groups that no other overlaps."""
    groups: list[list[StreamEntry]] = []
    end_ms = -1
    for entry in entries:
        if entry.start_ms > end_ms:
            groups.append([])
        groups[-1].append(entry)
        end_ms = max(end_ms, entry.end_ms)
    return groups
