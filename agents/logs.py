"""Logging of a worker: one line an event, on stderr, and no flood while a broker is away.

In 75 seconds without a broker, a worker wrote 12 000 lines of the same few messages.
"""

import json
import logging
import sys
from time import monotonic
from typing import Final

from resonance.agents.errors import ResonanceError
from resonance.agents.settings import Settings

REPEAT_SECONDS: Final = 10.0  # The same message of the same place at most so often.
REMEMBERED: Final = 1_000
QUIET: Final = ("aiokafka", "faust", "kafka", "mode")  # Libraries: warnings and errors alone.


class FloodFilter(logging.Filter):
    """Lets a message of one place in the code through once in `REPEAT_SECONDS`."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at_seconds: dict[tuple[str, int], float] = {}
        self._left_out: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is shown; the next shown one tells how many were not."""
        place = (record.pathname, record.lineno)
        now_seconds = monotonic()
        if now_seconds - self._said_at_seconds.get(place, -REPEAT_SECONDS) < REPEAT_SECONDS:
            self._left_out[place] = self._left_out.get(place, 0) + 1
            return False
        if len(self._said_at_seconds) >= REMEMBERED:
            self._said_at_seconds.clear()
            self._left_out.clear()
        self._said_at_seconds[place] = now_seconds
        if left_out := self._left_out.pop(place, 0):
            record.msg = f"{record.getMessage()} ({left_out} times more before)"
            record.args = ()
        return True


class ConsoleFormatter(logging.Formatter):
    """One line an event, whatever is in it; a traceback beneath cannot be taken for another."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level and message, without a control character that could move a cursor."""
        at = self.formatTime(record)
        lines = [f"{at} {record.levelname:7} {_in_one_line(record.getMessage())}"]
        if record.exc_info:
            told = self.formatException(record.exc_info).splitlines()
            lines += [f"    | {_in_one_line(line)}" for line in told]
        return "\n".join(lines)


def _in_one_line(text: str) -> str:
    r"""Return the text with what is not printable as Python would write it.

    >>> _in_one_line("lost\n2026 INFO all is well\x1b[2J")
    'lost\\n2026 INFO all is well\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time (UTC), level, logger and message as JSON."""
        fields = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def set_up_logging(settings: Settings) -> None:
    """Send our log lines, and the libraries' warnings, to stderr in the format of the settings."""
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(ConsoleFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("resonance").setLevel(settings.log_level.upper())
    quiet_libraries(handler)
    handler.addFilter(without_traceback)


def quiet_libraries(handler: logging.Handler) -> None:
    """Keep the Kafka clients and Faust from flooding the handler."""
    flood = FloodFilter()
    handler.addFilter(lambda record: not record.name.startswith(QUIET) or flood.filter(record))


def without_traceback(record: logging.LogRecord) -> bool:
    """Take the traceback off a failure that its message explains; always show the record."""
    if record.exc_info and isinstance(record.exc_info[1], ResonanceError):
        record.exc_info = None
    return True
