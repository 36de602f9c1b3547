"""`resonance score`: what it prints, in which shape, and what it does with lines that are none."""

import json
import os
import random
import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.agents.terminal.comment_lines import READ_BYTES, decode_line, read_lines
from resonance.streams.codec import MAX_EVENT_BYTES
from resonance.streams.reasons import Reason

SHAPE = ["language", "sentiment", "signals", "topics", "friction", "scorer"]


def run(*arguments, given=None):
    return CliRunner().invoke(app, ["score", *arguments], input=given)


def test_json_has_the_contracts_fields_and_no_others():
    result = run("this is fake, customs charged me $40 for it", "--json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)
    assert list(row) == SHAPE
    assert list(row["sentiment"]) == ["negative", "neutral", "positive"]
    assert row["friction"]
    assert list(row["friction"][0]) == ["category", "severity", "evidence"]


def test_the_plain_answer_names_language_signals_topics_and_friction():
    result = run("关税多少")
    assert result.exit_code == 0
    assert "zh" in result.stdout
    assert "question" in result.stdout
    assert "customs_tax" in result.stdout
    assert "customs_regulation 1 (关税多少)" in result.stdout


@pytest.mark.parametrize(
    ("options", "language"),
    [((), "und"), (("--language", "pt"), "pt"), (("--market", "MX"), "es")],
)
def test_languages_and_markets_reach_the_scorer(options, language):
    assert json.loads(run("no", "--json", *options).stdout)["language"] == language


def test_what_scores_is_a_setting_and_an_option(monkeypatch):
    assert json.loads(run("so cute", "--json").stdout)["scorer"] == "model"
    monkeypatch.setenv("RESONANCE_TIER", "rules")
    assert json.loads(run("so cute", "--json").stdout)["scorer"] == "rules"
    assert json.loads(run("so cute", "--json", "--tier", "fast").stdout)["scorer"] == "fast"
    assert run("so cute", "--tier", "magic").exit_code == 2


def test_each_line_gives_one_line_in_order_and_a_bad_one_its_reason():
    lines = [
        b'"so cute"',
        b'{"text": "', b"\xff",
        b'{"text": "how much", "languages": ["en"], "markets": ["US"]}',
        b"",
        b'{"words": "hi"}',
        b"[1]",
        b'{"text": "' + b"x" * MAX_EVENT_BYTES + b'"}',
        b'"last, without a newline"',
    ]  # fmt: skip
    result = run("--jsonl", given=b"\n".join(lines))
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["error"]["reason"] if "error" in row else list(row) == SHAPE for row in rows] == [
        *(True, "not_json", "not_utf8", True, "empty", "missing_field", "not_an_object"),
        *("too_large", True),
    ]
    assert result.exit_code == 1
    assert "3 lines scored, 6 malformed" in result.stderr


def test_a_file_of_good_lines_ends_with_0(tmp_path):
    path = tmp_path / "comments.jsonl"
    path.write_text('"hola"\r\n{"text": "\\u0000"}\r\n', encoding="utf-8")
    result = run("--jsonl", str(path))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


def hostile_lines(count):
    """Return lines that a producer should never write, and some that it should."""
    dice = random.Random(5)
    makers = [
        lambda: json.dumps(
            {"text": "how much is the blue one " + "!" * dice.randrange(9)}
        ).encode(),
        lambda: json.dumps("".join(map(chr, dice.choices(range(0x2600), k=30)))).encode(),
        lambda: dice.randbytes(dice.randrange(200)).replace(b"\n", b""),
        lambda: b'"' + bytes(dice.choices(range(0x20, 0x7F), k=40)) + b'"',
        lambda: b'{"text": "\\ud83d lone \\ude00"}',
        lambda: b'{"text": "a\\u0000b\x00"}',
        lambda: b"[" * dice.randrange(5_000),
        lambda: b'{"text": ' * 20 + b'"deep"',
        lambda: b'{"text": 1e999, "text": "twice", "languages": ["en"]}',
        lambda: b'"' + "e\u0301\u0489\u200d\u202e".encode() * dice.randrange(400) + b'"',
        lambda: b'"' + b"\xed\xa0\x80" + b'"',
        lambda: b"\xef\xbb\xbf" + b'"marked"',
        lambda: b"\x00" * dice.randrange(50),
        lambda: b"",
        lambda: b'"windows"\r',
        lambda: b'"' + b"9" * (MAX_EVENT_BYTES + dice.randrange(-3, 3)) + b'"',
        lambda: json.dumps({"text": "ok", "markets": ["\udc80"]}).encode(),
    ]
    # The long ones are as rare as they are slow.
    weights = [1 if b"9" * 99 not in maker() else 0.02 for maker in makers]
    return [maker() for maker in dice.choices(makers, weights, k=count)]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_whatever_the_bytes_each_line_gives_one_line(end):
    lines = [*hostile_lines(2_000), b"x" * 10_000_000, b'"last"']
    result = run("--jsonl", given=b"\n".join(lines) + end)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == len(lines)
    assert all(("error" in row) != ("language" in row) for row in rows)
    assert rows[-2]["error"]["reason"] == "too_large"
    assert rows[-1]["scorer"]
    assert result.exit_code == 1


@given(st.lists(st.binary(max_size=40)), st.sampled_from([b"", b"\n"]))
def test_lines_are_read_as_they_were_written(lines, end):
    written = b"\n".join(lines) + end
    expected = written.removesuffix(b"\n").split(b"\n") if written else []
    read = [line for batch in read_lines(BytesIO(written)) for line in batch]
    assert read == [line.rstrip(b"\r") for line in expected]


def test_a_line_across_reads_is_one_line():
    line = b"y" * (READ_BYTES - 10)
    read = [row for batch in read_lines(BytesIO(b"\n".join([line] * 5))) for row in batch]
    assert read == [line] * 5


def test_a_line_in_a_pipe_is_not_kept_waiting_for_the_next():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb", buffering=0) as pipe:
        batches = read_lines(file)
        for line in (b"one", b"two"):
            pipe.write(line + b"\n")
            assert next(batches) == [line]


def test_the_options_speak_for_lines_that_say_nothing_themselves():
    given = b'"no"\n{"text": "no", "languages": ["pt"]}\n'
    result = run("--jsonl", "-", "--language", "es", given=given)
    assert [json.loads(line)["language"] for line in result.stdout.splitlines()] == ["es", "pt"]


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ((), "give a text"),
        (("--jsonl", "no/such/file"), "a file or -"),
        (("hi", "--market", "us"), "codes as in US"),
        (("hi", "--language", "English"), "tags as in en"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_remedy(arguments, remedy):
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    assert remedy in str(error)


@pytest.mark.parametrize(
    ("line", "reason", "at"),
    [
        (b"   ", Reason.EMPTY, ""),
        (b"[" * 9, Reason.TOO_DEEP, "more than 8 levels"),
        (b'{"text": "a", "x": ' + b"[" * 8 + b"]" * 8 + b"}", Reason.TOO_DEEP, ""),
        (b"null", Reason.NOT_AN_OBJECT, ""),
        (b'{"text": null}', Reason.INVALID_FIELD, "`text`"),
        (b'{"text": "a", "markets": ["secret"]}', Reason.INVALID_FIELD, "`markets[0]`"),
        (b'{"text": "a"', Reason.NOT_JSON, ""),
        (b'{"text": 1, "x": \xff}', Reason.NOT_UTF8, "byte 17"),
    ],
)
def test_a_line_that_is_no_comment_says_why_and_where_but_not_what(line, reason, at):
    rejection = decode_line(line)
    assert rejection.reason is reason
    assert at in rejection.at
    assert "secret" not in rejection.at


@pytest.mark.parametrize(
    ("names", "told"), [((), "holds no pack"), (("en.tsv",), "en.tsv, line 1")]
)
def test_packs_of_ones_own_that_cannot_be_read_are_told_by_file_and_line(tmp_path, names, told):
    for name in names:
        (tmp_path / name).write_text("signal\tnonsense\t1\tzebra\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "resonance.agents.cli", "score", "hi", "--tier", "rules"],
        env={**os.environ, "RESONANCE_PACKS_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "packs_folder" in done.stderr
    assert told in done.stderr
