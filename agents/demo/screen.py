"""What the demo says to a person: messages and progress on stderr, the summary on stdout."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from resonance.agents.demo.results import Results
from resonance.agents.demo.summary import report

TABLE_COLUMNS: Final = 150  # The summary is not wrapped when it goes to a file.


class Screen:
    """Two consoles: one to read along, one for the result."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._messages = Console(stderr=True, highlight=False)
        self._out = Console(highlight=False)
        if not self._out.is_terminal:
            self._out = Console(highlight=False, width=TABLE_COLUMNS)

    def say(self, message: str) -> None:
        """Print a message for the person at the terminal."""
        self._messages.print(message, markup=False)

    def invite(self, url: str) -> None:
        """Say where to look, before anything happens."""
        self.say(f"Board   {url}\nMetrics {url}/metrics")
        self.say("Everything runs in this process and in memory: for trying out, not for keeps.")

    @contextmanager
    def progress(self, events: int) -> Iterator[Callable[[int], None]]:
        """Yield a function that takes how many of the `events` have been sent."""
        columns = (
            TextColumn("live"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("events"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._messages, transient=True) as bar:
            task = bar.add_task("live", total=events)
            yield lambda sent: bar.update(task, completed=sent)

    def sum_up(self, results: Results) -> None:
        """Print the summary by market and the incident, or both as one JSON object."""
        if self._as_json:
            self._out.file.write(json.dumps(results.as_json(), ensure_ascii=False) + "\n")
            self._out.file.flush()
        else:
            self._out.print(report(results))

    def go_on(self, url: str) -> None:
        """Say that the board stays open, and how to end it."""
        self.say(f"\nThe stream is over; {url} stays open. Ctrl-C ends the demo.")
