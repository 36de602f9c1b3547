"""Where settings come from, which wins, and how a wrong one is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.settings import FIELDS, Settings, SettingsError, find_settings, load_settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "resonance.toml") -> Path:
    path = Path(name)
    path.write_text(text, "utf-8")
    return path


def test_without_anything_set_the_defaults_hold() -> None:
    assert load_settings(environ={}) == Settings()


def test_the_command_line_wins_over_variables_and_those_over_the_file() -> None:
    write('partitions = 2\nboard_port = 2\nlog_level = "debug"\n')
    found = find_settings(
        environ={"RESONANCE_BOARD_PORT": "3", "RESONANCE_LOG_LEVEL": "error"},
        overrides={"log_level": "warning"},
    )
    settings = found.settings
    assert (settings.partitions, settings.board_port, settings.log_level) == (2, 3, "warning")
    assert found.sources["partitions"] == "resonance.toml, line 1"
    assert found.sources["board_port"] == "RESONANCE_BOARD_PORT"
    assert found.sources["log_level"] == "command line"
    assert found.sources["broker"] == "default"


def test_an_option_that_was_not_given_sets_nothing() -> None:
    found = find_settings(environ={"RESONANCE_BROKER": "kafka:9092"}, overrides={"broker": None})
    assert found.settings.broker == "kafka:9092"
    assert found.sources["broker"] == "RESONANCE_BROKER"


def test_a_named_file_is_read_in_place_of_the_working_folders() -> None:
    write("partitions = 2")
    other = write("board_port = 9", "other.toml")
    for settings in (
        load_settings(path=other, environ={}),
        load_settings(environ={"RESONANCE_CONFIG": str(other)}),
    ):
        assert (settings.partitions, settings.board_port) == (4, 9)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"cannot read the settings file gone\.toml: No such"):
        load_settings(path=Path("gone.toml"), environ={})


WRONG_FILES = {
    "board_prot = 1": "`board_prot` in resonance.toml, line 1. Did you mean `board_port`?",
    "\n[board]\nport = 1": "unknown setting `board` in resonance.toml, line 2. ",
    "board.port = 1": "unknown setting `board` in resonance.toml, line 1. ",
    "zzz = 1": "`resonance config show` lists all.",
    "partitions = = 1": "resonance.toml is not TOML: Invalid value (at line 1",
    '\n\npartitions = "4"': "`partitions` (resonance.toml, line 3) is '4', expected a whole number",
    "partitions = 0": "is 0, expected a whole number from 1 to 1024",
    "partitions = true": "is True, expected a whole number",
    "tick_interval_seconds = nan": "is nan, expected a number from 0.1 to 3600",
    "tick_interval_seconds = inf": "expected a number from 0.1 to 3600",
    'log_format = "xml"': "is 'xml', expected one of console, json",
    'broker = "kafka"': "is 'kafka', expected text that matches",
    'topic_prefix = "a b"': "is 'a b', expected text that matches",
    'board_host = ""': "is '', expected text of 1 to 255 characters",
    "viewer_key_file = 3": "is 3, expected the path of a file",
}


@pytest.mark.parametrize(("text", "said"), WRONG_FILES.items())
def test_a_wrong_file_is_refused_by_name_and_line(text: str, said: str) -> None:
    write(text)
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={})
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RESONANCE_BORD_PORT", "1", "Did you mean `RESONANCE_BOARD_PORT`?"),
        ("RESONANCE_BOARD_PORT", "x", "`board_port` (RESONANCE_BOARD_PORT) is 'x', expected a"),
        ("RESONANCE_BOARD_PORT", "", "is '', expected a whole number from 0 to 65535"),
        ("RESONANCE_BOARD_PORT", "65536", "is '65536', expected a whole number from 0 to 65535"),
        ("RESONANCE_STOP_TIMEOUT_SECONDS", "nan", "is 'nan', expected a number"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={variable: value})
    assert said in str(refused.value)


def test_variables_of_others_and_reserved_ones_are_left_alone() -> None:
    environ = {"HOME": "/", "RESONANCE_DATA": "x", "RESONANCE_DEBUG": "1", "resonance_x": "1"}
    assert load_settings(environ=environ) == Settings()


def test_a_file_with_bytes_that_are_no_text_is_refused() -> None:
    Path("resonance.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings(environ={})


def test_a_path_may_begin_with_the_home_folder() -> None:
    settings = load_settings(environ={"RESONANCE_VIEWER_KEY_FILE": "~/viewer.key"})
    assert settings.viewer_key_file == Path.home() / "viewer.key"


@given(name=st.sampled_from(sorted(FIELDS)), value=st.text(max_size=40))
def test_any_text_is_a_value_or_refused_never_a_crash(name: str, value: str) -> None:
    with suppress(SettingsError):
        load_settings(environ={f"RESONANCE_{name.upper()}": value})
