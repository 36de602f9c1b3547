"""`resonance report`: one page from recordings, in three forms; what is wrong is told in words."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.agents.privacy.viewer_key import read_keys
from resonance.agents.settings import SettingsError

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


@pytest.fixture
def shouted(tmp_path, monkeypatch):
    """A recording in which Ann complains, asks and praises, among four others who complain."""
    (tmp_path / "viewer.key").write_bytes(b"k" * 32)
    monkeypatch.setenv("RESONANCE_VIEWER_KEY_FILE", str(tmp_path / "viewer.key"))
    monkeypatch.setenv("RESONANCE_ERASED_VIEWERS_FILE", str(tmp_path / "erased.jsonl"))
    said = [
        ("ann", "zoll ist zu teuer, betrug bei meinem paket"),
        ("ann", "how long does my sofa take?"),
    ]
    said += [(f"u{n}", f"zoll ist mir zu teuer {n}") for n in range(4)]
    rows = [
        f'{1_760_000_000_000 + 1_000 * n},{user},"{text}"' for n, (user, text) in enumerate(said)
    ]
    path = tmp_path / "chat.csv"
    path.write_text("\n".join(["time,user,message", *rows]), "utf-8")
    return path


def run(*arguments: str):
    return CliRunner().invoke(app, ["report", *arguments], catch_exceptions=False)


def erase(viewer: str, platform: str) -> None:
    forget = ["erase", "--platform", platform, "--viewer", viewer]
    assert CliRunner().invoke(app, forget, catch_exceptions=False).exit_code == 0


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


@pytest.mark.parametrize("name", ["r.html", "r.md", "r.json"])
def test_a_report_of_a_recording_quotes_no_erased_viewer_and_counts_the_same(
    shouted, tmp_path, name
):
    def told() -> str:
        run("-f", str(shouted), "--market", "DE", "-o", str(tmp_path / name))
        return (tmp_path / name).read_text("utf-8")

    def numbers() -> tuple[object, ...]:
        found = json.loads(run("-f", str(shouted), "--market", "DE", "--json").stdout)
        asked = [(one["topic"], one["asks"]) for one in found["questions"]["unanswered"]]
        return found["room"], found["markets"], found["friction"], found["repeat_viewers"], asked

    before, counted = told(), numbers()
    assert "paket" in before
    assert "sofa" in before

    erase("ann", json.loads(run("-f", str(shouted), "--json").stdout)["platform"])
    after = told()
    assert "paket" not in after
    assert "sofa" not in after
    assert "teuer" in after, "others are quoted as before"
    assert numbers() == counted


def test_a_viewer_of_another_platform_is_somebody_else(shouted):
    erase("ann", "elsewhere")
    assert "paket" in run("-f", str(shouted), "--market", "DE", "--json").stdout


def test_a_replay_of_a_recording_is_sums_alone_and_names_and_quotes_nobody(shouted, tmp_path):
    rows = tmp_path / "rows.tsv"
    arguments = ["replay", str(shouted), "--json", "--windows", str(rows)]
    replayed = CliRunner().invoke(app, arguments, catch_exceptions=False)
    pseudonym = read_keys(tmp_path / "viewer.key").pseudonym("file", "ann", 0).viewer
    for told in (replayed.stdout, rows.read_text("utf-8")):
        assert '"comments":6' in told
        assert not any(word in told for word in ("paket", "sofa", "teuer", "ann", pseudonym))


def test_no_report_is_made_of_a_recording_while_the_list_of_the_erased_is_damaged(
    shouted, tmp_path
):
    (tmp_path / "erased.jsonl").write_text("not json\n")
    with pytest.raises(SettingsError, match="line 1"):
        run("-f", str(shouted), "--json")
