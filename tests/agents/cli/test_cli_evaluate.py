"""`resonance evaluate`: which files it judges, what it prints, and what it keeps to itself."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError

CHAT = '{"type": "chat", "comment": "hello there", "user": {"userId": "1"}}\n'
SECRET = "absolutely horrible zebra"


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


@pytest.fixture
def data(tmp_path):
    files = {
        "text/test/tiny-sentiment.en.tsv": (
            f"i love it\tpositive\ttest\n{SECRET}\tpositive\ttest\ni hate it\tnegative\ttest\n"
        ),
        "text/test/tiny-sentiment.es.tsv": "me encanta\tpositive\ttest\nqué asco\tnegative\ttest\n",
        "text/test/tiny-question.en.tsv": "how much is it?\tquestion\nit is red\tnot_question\n",
        "text/test/tiny-rhymes.en.tsv": "a\tb\n",
        "text/train/tiny-sentiment.en.tsv": "a\tpositive\n",
        "authored/en.tsv": "how much\ten\tUS\tneutral\tquestion\tprice\t-\n",
        "lid/short.tsv": "good morning everybody\ten\tsentences\n",
        "direct-spam.en.tsv": "hello\tham\n",
        "README.md": "words",
        "culture/rules.csv": "a,b\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_json_has_a_row_for_each_set_and_language_and_their_mean(data):
    result = run("--data", data, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert list(report) == [
        *("versions", "sets", "means", "languages", "false_alarms", "skipped", "throughput"),
    ]
    rows = {(row["set"], row["task"], row["language"]): row for row in report["sets"]}
    english = rows["tiny", "sentiment", "en"]
    assert english["n"] == 3
    assert english["confusion"]["positive"]["positive"] >= 1
    assert 0 <= english["calibration_error"] <= 1
    assert rows["tiny", "question", "en"]["accuracy"] == 1.0
    assert rows["direct", "spam", "en"]["accuracy"] == 1.0
    assert {("authored", task, "all") for task in ("signals", "topics", "friction")} <= set(rows)
    [mean] = report["means"]
    assert (mean["set"], mean["languages"]) == ("tiny", 2)
    assert {row["kind"] for row in report["languages"]} == {"sentences", "comments"}
    assert report["throughput"]["texts"] > 0


def test_what_is_no_set_is_named_and_left_out(data):
    result = run("--data", data)
    assert result.exit_code == 0
    for name in ("README.md", "culture/", "text/train/", "text/test/tiny-rhymes.en.tsv"):
        assert f"left out: {name}\n" in result.stderr
    assert "tiny sentiment" in result.stdout
    assert "texts scored" in result.stderr


def test_unique_texts_of_real_chats_are_asked_for_false_alarms(data):
    (data / "chat").mkdir()
    lines = [
        {
            "kind": "comment", "id": str(i), "platform": "tiktok", "channel": "c", "stream": "s",
            "viewer_id": "v", "text": text, "occurred_at_ms": 1_700_000_000_000 + i,
        }
        for i, text in enumerate(["hello everyone", "hello everyone", "what a lovely day"])
    ]  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (data / "chat" / "chat.jsonl").write_text(text, encoding="utf-8")
    (data / "chat" / "noise.bin").write_bytes(b"\x00\xff")
    report = json.loads(run("--data", data, "--json").stdout)
    [everything] = [row for row in report["false_alarms"] if row["language"] == "all"]
    assert everything == {"language": "all", "n": 2, "toxic": 0.0, "spam": 0.0}
    assert any(name.startswith("noise.bin") for name in report["skipped"])


def test_a_pattern_picks_sets_and_a_limit_the_same_texts_every_time(data):
    one, two = (run("--data", data, "--json", "--sets", "tiny-s*", "--limit", 1) for _ in "ab")
    sets = json.loads(one.stdout)["sets"]
    assert [(row["task"], row["language"], row["n"]) for row in sets] == [
        ("sentiment", "en", 1),
        ("sentiment", "es", 1),
    ]
    assert sets == json.loads(two.stdout)["sets"]


def test_the_tier_that_scores_can_be_chosen(data):
    report = json.loads(run("--data", data, "--json", "--tier", "rules").stdout)
    assert report["versions"]["model"] == "rules"
    assert run("--data", data, "--tier", "magic").exit_code == 2


def test_texts_leave_only_when_they_are_asked_for(data):
    assert SECRET not in run("--data", data).output
    assert SECRET not in run("--data", data, "--json", "--confusions", 5).output
    assert SECRET in run("--data", data, "--confusions", 5).stdout
    report = json.loads(run("--data", data, "--json", "--confusions", 5, "--with-texts").stdout)
    assert SECRET in {mistake["text"] for mistake in report["mistakes"]}


@pytest.mark.parametrize(
    ("options", "remedy"),
    [((), "<set>-<task>.<language>.tsv"), (("--sets", "nothing*"), "nothing*")],
)
def test_a_folder_with_nothing_to_judge_is_refused(tmp_path, options, remedy):
    error = run("--data", tmp_path, *options).exception
    assert isinstance(error, UsageError)
    assert remedy in str(error)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    error = run("--data", tmp_path / "none").exception
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
