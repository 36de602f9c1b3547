"""`resonance report`: one page from recordings, in three forms; what is wrong is told in words."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError

LINES = [
    {"at_ms": 1_760_000_000_000 + i * 1_000, "user": f"u{i % 5}", "text": text}
    for i, text in enumerate(["love it", "how much is it?", "zoll ist zu teuer, betrug"] * 20)
]


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "chat.csv"
    rows = [f'{line["at_ms"]},{line["user"]},"{line["text"]}"' for line in LINES]
    path.write_text("\n".join(["time,user,message", *rows]), "utf-8")
    return path


def run(*arguments: str):
    return CliRunner().invoke(app, ["report", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("name", "begins"), [("r.html", "<!doctype html>"), ("r.md", "# chat"), ("r.json", "{")]
)
def test_the_files_ending_says_in_which_form(recording, tmp_path, name, begins):
    target = tmp_path / name
    result = run("--file", str(recording), "--market", "DE", "-o", str(target))
    assert result.exit_code == 0
    assert target.read_text("utf-8").startswith(begins)
    assert result.stdout == ""
    assert str(target) in result.stderr


def test_json_goes_to_standard_output_and_nothing_is_written(recording, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = json.loads(run("-f", str(recording), "--json").stdout)
    assert told["stream"] == "chat"
    assert told["room"]["comments"] == len(LINES)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give recordings by --file"),
        (("-o", "report.pdf"), "end its name in .html, .md, .json"),
        (("elsewhere", "-f", "{recording}"), "no stream 'elsewhere' here; there are: chat"),
        (("-f", "{recording}", "--against", "last"), "no stream 'last' here"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_remedy(recording, arguments, told):
    given = [argument.format(recording=recording) for argument in arguments]
    with pytest.raises(UsageError, match=told):
        run(*given)
