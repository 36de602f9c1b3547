"""Progress on standard error, and only where a person is watching."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

STEPS: Final = 1_000  # Redrawing at each line would cost more than reading it.


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; yield what moves it, by so many of `total` (if known)."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        step, pending = max((total or 0) // STEPS, 1), 0

        def advance(by: int) -> None:
            nonlocal pending
            pending += by
            if pending >= step:
                progress.advance(task, pending)
                pending = 0

        yield advance


def size_bytes(files: Sequence[Path]) -> int:
    """Return how long the files are in all; what is no file counts as nothing."""
    return sum(file.stat().st_size for file in files if file.is_file())
