"""What a soak's samples say of the workers that were never killed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from faults.processes import slope

WARM_UP_MINUTES: Final = 15  # Ids are remembered for ten minutes: until then memory must grow.
JUDGED_MINUTES: Final = 15  # Fewer samples than that say nothing of an hour.
MIB_PER_HOUR: Final = 1.0
MORE_FILES: Final = 2  # A connection may be on its way at the moment of a sample.


@dataclass(frozen=True)
class Sample:
    """A worker at the end of a minute."""

    role: str
    segment: int
    minute: int
    rss_kib: int
    files: int


def judge(samples: Sequence[Sample]) -> tuple[bool, list[str]]:
    """Return whether memory and files stood still, and in words how they did."""

    def whose(sample: Sample) -> tuple[str, int]:
        return sample.role, sample.segment

    fine, lines = True, []
    for (role, segment), of_one in groupby(sorted(samples, key=whose), whose):
        mine = list(of_one)
        warm = [s for s in mine if s.minute - mine[0].minute >= WARM_UP_MINUTES]
        if len(warm) < JUDGED_MINUTES:
            lines.append(f"{role}, sitting {segment}: {len(mine)} minutes, too few to judge")
            continue
        growth = slope([(s.minute / 60, s.rss_kib / 1024) for s in warm])
        files = [s.files for s in warm]
        flat = max(files) - min(files) <= MORE_FILES
        fine = fine and growth < MIB_PER_HOUR and flat
        lines.append(
            f"{role}, sitting {segment}: {growth:+.2f} MiB/h over {len(warm)} minutes after "
            f"{WARM_UP_MINUTES} of warm-up ({warm[0].rss_kib / 1024:.1f} to "
            f"{warm[-1].rss_kib / 1024:.1f} MiB), {min(files)} to {max(files)} files"
        )
    return fine, lines
