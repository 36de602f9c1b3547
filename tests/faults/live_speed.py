"""How fast a real live chat is: the busiest second of the recordings, where there are any."""

import os
from collections import Counter
from pathlib import Path
from typing import Final

from resonance.streams.events import Comment
from resonance.streams.importers.load import events_of_file

RECORDING: Final = "chat/youtube_chatdownloader2020_premiere_en.json"
# Of that recording, a premiere with 7 453 comments: for a machine without it.
BUSIEST_SECOND: Final = 19


def live_speed() -> tuple[int, str]:
    """Return comments per second at the peak of a real chat, and what says so."""
    default = Path(__file__).parents[3] / "shared/data"
    path = Path(os.environ.get("RESONANCE_DATA", default)) / RECORDING
    if not path.is_file():
        return BUSIEST_SECOND, "the busiest second of a premiere, as measured once"
    with events_of_file(path) as imported:
        seconds = Counter(e.occurred_at_ms // 1000 for e in imported if isinstance(e, Comment))
    return max(seconds.values()), f"the busiest second of {path.name}"
