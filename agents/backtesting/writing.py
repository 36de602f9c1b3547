"""Generated recordings -> a folder: one file a stream, and what was wrong in them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from resonance.agents.backtesting.generated import events, incident_of, sorted_moods
from resonance.agents.backtesting.plan import drawn
from resonance.agents.backtesting.recordings import INCIDENTS
from resonance.agents.errors import UsageError
from resonance.streams.backtest.incidents import Incident
from resonance.streams.codec import encode_raw
from resonance.streams.scoring import TextScorer


def generate(
    folder: Path,
    scorer: TextScorer,
    *,
    streams: int,
    seconds: int,
    seed: int,
    advance: Callable[[int], None] = lambda _: None,
) -> int:
    """Write the recordings of so many streams and their incidents; return how many events.

    The same seed, length and scorer give the same bytes, and stream n is the same however many
    there are. Raises `UsageError` where the folder holds something already, or cannot be written.
    """
    moods, incidents, count = sorted_moods(scorer), list[Incident](), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            message = f"{folder} is not empty: name a new folder after --output"
            raise UsageError(message)
        for number in range(streams):
            rng = Random(f"{seed}/{number}")  # noqa: S311 - drawn again, not kept secret.
            plan = drawn(rng, number, seconds)
            made = events(plan, number, rng, moods)
            lines = b"".join(encode_raw(event) + b"\n" for event in made)
            (folder / f"{plan.name}.jsonl").write_bytes(lines)
            count += len(made)
            incident = incident_of(plan, number)
            incidents += [] if incident is None else [incident]
            advance(1)
        (folder / INCIDENTS).write_text(incidents_toml(incidents, seed), "utf-8")
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror}; name another folder"
        raise UsageError(message) from error
    return count


def incidents_toml(incidents: Iterable[Incident], seed: int) -> str:
    """Return the incidents as `incidents.toml` holds them."""
    head = f"# What is wrong in the generated recordings beside this file (seed {seed}).\n"
    return head + "".join(
        f'\n[[incident]]\nstream = "{one.stream}"\nmarket = "{one.market}"\n'
        f'from = {_utc(one.from_ms)}\nto = {_utc(one.to_ms)}\nwhat = "{one.what}"\n'
        for one in incidents
    )


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
