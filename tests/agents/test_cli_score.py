"""`resonance score`: what it prints, in which shape, and what it does with lines that are none."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.comment_lines import decode_line
from resonance.agents.errors import UsageError
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
