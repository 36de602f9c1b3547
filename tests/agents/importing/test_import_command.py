"""`resonance import` as a user runs it: what it prints, where, and how it exits."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-c", "from resonance.agents.cli.main import main; main()", "import"]
TABLE = "time,user,text\n1700000000,u1,hello\n1700000009,u2,<b>ho</b>\nsoon,u3,no\n"
WAIT_SECONDS = 20


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command where `chat.csv` lies."""
    (tmp_path / "chat.csv").write_text(TABLE)

    def import_(*arguments, **options):
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **options,
        )

    return import_


@pytest.fixture
def start(tmp_path):
    """Return a function that starts the command and leaves it running."""
    running = []

    def import_(*arguments):
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield import_
    for process in running:
        process.kill()
        process.communicate()


def events(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def wait_for(condition):
    give_up_at = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come to that"
        time.sleep(0.02)


def test_a_file_becomes_json_lines_and_the_summary_goes_to_stderr(run, tmp_path):
    done = run("chat.csv", "-o", "events.jsonl", "--market", "us", "--market", "DE")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "3 rows read, 2 converted, 1 skipped",
        "  1 invalid_field, the first in chat.csv, line 4: `occurred_at_ms`",
        "4 events of 1 stream written to events.jsonl",
    ]
    started, hello, ho, ended = events(tmp_path / "events.jsonl")
    assert started["stream_markets"] == ["US", "DE"]
    assert (hello["text"], ho["text"]) == ("hello", "<b>ho</b>")
    assert ended["counts"] == {"comments": 2, "stage": 2}


def test_the_summary_is_json_on_stdout_unless_the_events_are_there(run):
    summary = {
        "files": ["chat.csv"],
        "formats": ["csv"],
        "rows": 3,
        "converted": 2,
        "kinds": {"comment": 2},
        "skipped": {"invalid_field": 1},
        "skipped_kinds": {},
        "events": 4,
        "streams": ["chat"],
    }
    to_file = run("chat.csv", "-o", "events.jsonl", "--json")
    to_stdout = run("chat.csv", "-o", "-", "--json")
    assert json.loads(to_file.stdout) == json.loads(to_stdout.stderr) == summary
    assert len(to_stdout.stdout.splitlines()) == 4


def test_an_older_output_is_replaced_by_the_whole_new_one_or_left_alone(run, tmp_path):
    output = tmp_path / "events.jsonl"
    output.write_text("old\n")
    (tmp_path / "broken.csv").write_text("time,user\n")
    refused = run("broken.csv", "-o", "events.jsonl")
    assert (refused.returncode, output.read_text()) == (2, "old\n")
    run("chat.csv", "-o", "events.jsonl")
    assert len(events(output)) == 4
    assert {path.name for path in tmp_path.iterdir()} >= {"chat.csv", "broken.csv", "events.jsonl"}
    assert not list(tmp_path.glob(".events*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.csv", "-o", "-"], "none.csv: it cannot be read (No such file or directory)"),
        (["broken.json", "-o", "-"], "broken.json, line 2: the JSON array ends before its closing"),
        (["chat.csv"], "either --to kafka or -o FILE"),
        (["chat.csv", "-o", "-", "--to", "kafka"], "either --to kafka or -o FILE"),
        (
            ["chat.csv", "-o", "-", "--format", "xls"],
            "auto or one of: jsonl, yt-dlp, chat-downloader, ",
        ),
        (["chat.csv", "-o", "-", "--format", "jsonl"], "chat.csv: not one row can be used"),
        (["chat.csv", "-o", "-", "--market", "USA"], "ISO 3166-1"),
        (["chat.csv", "-o", "-", "--market", "uk"], "as GB"),
        (["chat.csv", "-o", "-", "--language", "english"], "BCP 47"),
        (["chat.csv", "-o", "-", "--stream", ""], "--stream needs 1 to 256 characters"),
        (["chat.csv", "-o", "no/such/place"], "cannot write no/such/place"),
        (["-", "-o", "-"], "with --follow only"),
        (["--follow", "a", "b", "-o", "-"], "--follow reads one input"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_exits_2(run, tmp_path, arguments, words):
    chat = {"author": "a", "message": "hi", "timestamp": 1_598_724_011_094_885}
    (tmp_path / "broken.json").write_text(f"[{json.dumps(chat)},\n{{")
    refused = run(*arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert words in line


def test_no_kafka_is_said_in_one_line_and_exits_3(run):
    refused = run("chat.csv", "--to", "kafka", "--broker", "127.0.0.1:1")
    assert refused.returncode == 3
    (line,) = refused.stderr.splitlines()
    assert "no Kafka answers at 127.0.0.1:1" in line
    assert "RESONANCE_BROKER" in line


def test_standard_input_is_followed_to_its_end_and_ends_its_stream(run):
    line = json.dumps({"kind": "comment", "text": "hi", "viewer_id": "u", "occurred_at_ms": 1})
    done = run("--follow", "-", "-o", "-", "--stream", "now", input=f"{line}\nnonsense\n{line}")
    assert done.returncode == 0
    sent = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event.get("action", event["kind"]) for event in sent] == [
        "started",
        "comment",
        "comment",
        "ended",
    ]
    assert {event["stream"] for event in sent} == {"now"}
    assert "event times: of arrival" in done.stderr
    assert "3 rows read, 2 converted, 1 skipped" in done.stderr


@pytest.mark.parametrize(
    ("sent", "arguments", "code", "last"),
    [
        (signal.SIGINT, [], 130, "comment"),
        (signal.SIGTERM, [], 0, "comment"),
        (signal.SIGTERM, ["--end"], 0, "ended"),
    ],
)
def test_a_growing_file_is_followed_until_a_signal(start, tmp_path, sent, arguments, code, last):
    chat, output = tmp_path / "growing.csv", tmp_path / "events.jsonl"
    process = start("--follow", chat.name, "-o", output.name, *arguments)
    assert process.stderr.readline() == f"waiting for {chat.name} to be created\n"
    chat.write_text("time,user,text\n1700000000,u1,one\n")
    wait_for(lambda: output.exists() and len(events(output)) == 2)
    with chat.open("a") as file:
        file.write("1700000000,u2,two\n17000")
    wait_for(lambda: len(events(output)) == 3)
    process.send_signal(sent)
    assert process.wait(WAIT_SECONDS) == code
    assert events(output)[-1].get("action", "comment") == last
    assert "2 rows read, 2 converted, 0 skipped" in process.stderr.read()


def test_a_reader_that_leaves_ends_the_import_quietly(run, tmp_path):
    (tmp_path / "long.csv").write_text("time,user,text\n" + "1700000000,u,hi\n" * 5_000)
    command = " ".join(f"'{part}'" for part in [*COMMAND, "long.csv", "-o", "-"])
    piped = subprocess.run(
        f"{command} | head -n 1", shell=True, cwd=tmp_path, capture_output=True, check=False
    )
    assert json.loads(piped.stdout)["action"] == "started"
    assert piped.stderr == b""
