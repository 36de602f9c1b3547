"""Whether somebody asked to stop: to be set by a signal handler."""

from time import monotonic, sleep
from typing import Final

SLICE_SECONDS: Final = 0.05


class Stop:
    """A flag to wait for.

    Not `threading.Event`: a handler runs within the main thread, and would wait for ever for the
    event's lock when it interrupts a wait that holds it.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Ask to stop."""
        self._asked = True

    def is_set(self) -> bool:
        """Return whether it was asked."""
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it is asked; return whether it was."""
        end_seconds = monotonic() + seconds
        while not self._asked and (left_seconds := end_seconds - monotonic()) > 0:
            sleep(min(left_seconds, SLICE_SECONDS))
        return self._asked
