"""One measurement, and how a table of them reads."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Figure:
    """So many events in so many seconds of wall clock and of processor time."""

    name: str
    events: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Events per second of wall clock."""
        return self.events / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Events per second of one core, all threads together: less noisy on a busy machine."""
        return self.events / self.cpu_seconds

    def as_json(self) -> dict[str, float | int | str]:
        """Return the figure as a JSON object, rates rounded to whole events."""
        return {
            "name": self.name,
            "events": self.events,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "events_per_second": round(self.per_second),
            "events_per_cpu_second": round(self.per_cpu_second),
        }


class _Watch(msgspec.Struct):
    """What a worker process prints of its work."""

    events: int
    seconds: float
    cpu_seconds: float


def figure_of(name: str, output: bytes) -> Figure:
    """Return the figure that a worker printed as JSON; raises `msgspec.MsgspecError` on others."""
    watch = msgspec.json.decode(output, type=_Watch)
    return Figure(name, watch.events, watch.seconds, watch.cpu_seconds)
