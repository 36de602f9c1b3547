"""What every command promises: help with an example, and failures that say what to do."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from resonance.agents.cli import main as cli
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import FIELDS

HEAVY = {"aiohttp", "aiokafka", "confluent_kafka", "faust", "kafka", "langdetect", "transformers"}


def _commands(group: TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{path} {name}")


ALL = dict(_commands(typer.main.get_group(cli.app), "resonance"))


def resonance(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from resonance.agents.cli.main import main; main()", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_commands_are_there() -> None:
    assert set(ALL) >= {
        "resonance board",
        "resonance config show",
        "resonance demo",
        "resonance import",
        "resonance replay",
        "resonance score",
        "resonance topics create",
        "resonance worker",
    }


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_help_with_an_example_of_itself(path: str) -> None:
    command = ALL[path]
    text = f"{command.help or ''} {command.epilog or ''}"
    assert command.help
    assert path in text


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{path} {option.name}"
        for path, command in ALL.items()
        for option in command.params
        if isinstance(option, TyperOption) and not option.help
    ]
    assert silent == []


def test_help_waits_for_no_heavy_library(tmp_path: Path) -> None:
    script = (
        "import sys; import resonance.agents.cli.main; "
        "print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(loaded.stdout.split())


def test_a_model_scores_in_one_thread_and_waits_for_no_library_that_it_needs_not(
    tmp_path: Path,
) -> None:
    script = (
        "import sys; sys.argv = ['resonance', 'score', 'so cute', '--json']\n"
        "import resonance.agents.cli.main as cli\n"
        "assert 'numpy' not in sys.modules\n"
        "try: cli.main()\n"
        "finally:\n"
        "    import os\n"
        "    loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "    print(*loaded, '|', os.environ['OPENBLAS_NUM_THREADS'], file=sys.stderr)"
    )
    environ = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["scorer"] == "model"
    loaded, _, threads = done.stderr.partition("|")
    assert threads.strip() == "1"
    assert {*HEAVY, "torch"}.isdisjoint(loaded.split())


def test_the_version_is_the_distributions(tmp_path: Path) -> None:
    assert resonance("--version", cwd=tmp_path).stdout.startswith("resonance 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["config", "show", "--jsn"], 2, "No such option"),
        (["confg"], 2, "No such command"),
        (["--config", "gone.toml", "config", "show"], 2, "cannot read the settings file gone.toml"),
        (["topics", "check", "--broker", "127.0.0.1:1"], 3, "no usable Kafka at 127.0.0.1:1"),
        (["topics", "check", "--broker", "nonsense"], 2, "`broker` (command line) is 'nonsense'"),
    ],
)
def test_a_failure_is_one_message_on_stderr_and_an_exit_status(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = resonance(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_config_show_tells_each_value_and_its_source(tmp_path: Path) -> None:
    (tmp_path / "resonance.toml").write_text("partitions = 8\n")
    done = resonance("config", "show", "--json", cwd=tmp_path, RESONANCE_BOARD_PORT="0")
    shown = json.loads(done.stdout)
    assert set(shown) == set(FIELDS)
    assert shown["partitions"] == {"value": 8, "source": "resonance.toml, line 1"}
    assert shown["board_port"] == {"value": 0, "source": "RESONANCE_BOARD_PORT"}
    assert shown["viewer_key_file"] == {"value": None, "source": "default"}


def test_a_settings_file_may_be_named_before_the_command(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("partitions = 8\n")
    done = resonance("--config", "other.toml", "config", "show", cwd=tmp_path)
    assert re.search(r"^partitions +8 +other\.toml, line 1$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (UsageError("mend it"), 2, "resonance: mend it\n"),
        (ServiceUnreachable("start it"), 3, "resonance: start it\n"),
        (KeyboardInterrupt(), 130, ""),
        (KeyError("a viewer's words"), 70, "resonance: a fault of ours (KeyError). "),
    ],
)
def test_what_is_raised_becomes_a_status_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise raised

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["resonance"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert "viewer's words" not in error


def test_a_traceback_is_there_for_who_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = resonance("--config", "gone.toml", "config", "show", cwd=tmp_path, RESONANCE_DEBUG="1")
    assert "Traceback" in done.stderr
