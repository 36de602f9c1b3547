"""A worker's log stays readable while a broker is away, and is JSON when asked for."""

import json
import logging

import pytest

from resonance.agents.errors import ServiceUnreachable
from resonance.agents.logs import (
    ConsoleFormatter,
    JsonFormatter,
    quiet_libraries,
    set_up_logging,
    without_traceback,
)
from resonance.agents.settings import Settings


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What a handler with the filter shows."""
    shown: list[str] = []

    class Shown(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(record.getMessage())

    handler = Shown()
    quiet_libraries(handler)
    for name in ("aiokafka.conn", "resonance.agents"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
    yield shown
    for name in ("aiokafka.conn", "resonance.agents"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True


def test_a_client_that_repeats_itself_is_heard_once(lines: list[str]) -> None:
    for attempt in range(1_000):
        logging.getLogger("aiokafka.conn").error("unable to connect, attempt %d", attempt)
    assert lines == ["unable to connect, attempt 0"]


def test_different_messages_are_all_heard(lines: list[str]) -> None:
    logging.getLogger("aiokafka.conn").error("unable to connect")
    logging.getLogger("aiokafka.conn").error("coordinator is dead")
    assert len(lines) == 2


def test_our_own_messages_are_never_left_out(lines: list[str]) -> None:
    for number in range(5):
        logging.getLogger("resonance.agents").warning("batch %d", number)
    assert len(lines) == 5


def test_json_lines_can_be_parsed_whatever_is_in_the_message() -> None:
    record = logging.LogRecord("resonance", logging.INFO, "p", 1, "a\n%s", ('"b"',), None)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == 'a\n"b"'


HOSTILE = "lost\r\n2026-01-01 00:00:00 INFO all is well\x1b[2J\u2028\u202e {{ $labels }} \ud800%s%n"


@pytest.mark.parametrize("formatter", [ConsoleFormatter(), JsonFormatter()])
def test_one_event_is_one_line_and_moves_no_cursor(formatter: logging.Formatter) -> None:
    record = logging.LogRecord("resonance", logging.ERROR, "p", 1, "of %s", (HOSTILE,), None)
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert "{{ $labels }}" in line  # Nobody fills it in: it is text.
    line.encode()


def test_a_plain_message_stays_as_it_is() -> None:
    record = logging.LogRecord("resonance", logging.INFO, "p", 1, "größer als 日本", (), None)
    assert ConsoleFormatter().format(record).endswith(" INFO    größer als 日本")


def test_a_traceback_cannot_be_taken_for_another_event() -> None:
    error = ValueError(HOSTILE)
    told = (ValueError, error, None)
    record = logging.LogRecord("r", logging.ERROR, "p", 1, "ours", (), told)
    first, *beneath = ConsoleFormatter().format(record).splitlines()
    assert first.endswith("ours")
    assert beneath
    assert all(line.startswith("    | ") and line.isprintable() for line in beneath)


@pytest.mark.parametrize(
    ("error", "shown"), [(ServiceUnreachable("no Kafka"), False), (ValueError("ours"), True)]
)
def test_a_failure_that_explains_itself_has_no_traceback(error, shown) -> None:
    record = logging.LogRecord(
        "resonance", logging.ERROR, "p", 1, "crashed", (), (type(error), error, None)
    )
    assert without_traceback(record)
    assert bool(record.exc_info) is shown


def test_log_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    root, ours = logging.getLogger(), logging.getLogger("resonance")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    try:
        set_up_logging(Settings(log_format="json", log_level="info"))
        logging.getLogger("resonance.agents").info("ready")
        logging.getLogger("aiokafka").info("chatter")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        ours.setLevel(our_level)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [json.loads(line)["message"] for line in captured.err.splitlines()] == ["ready"]
