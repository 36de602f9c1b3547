"""`resonance import webhook` as a user runs it."""

import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "resonance.agents.cli", "import"]


@pytest.fixture
def run(tmp_path):
    def import_(*arguments, **variables):
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return import_


def test_it_has_a_help_of_its_own_that_the_help_of_import_points_to(run):
    assert "resonance import webhook" in run("--help").stdout
    own = run("webhook", "--help")
    assert own.returncode == 0
    assert "import webhook [OPTIONS]" in own.stdout
    assert "--port" in own.stdout
    assert "Example:" in own.stdout


def test_a_file_called_webhook_is_read_by_its_path(run, tmp_path):
    (tmp_path / "webhook").write_text("time,user,text\n1700000000,u1,hello\n")
    read = run("./webhook", "-o", "-")
    assert read.returncode == 0
    assert len(read.stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (["--broker", "127.0.0.1:1"], {}, 3, "no Kafka answers at 127.0.0.1:1"),
        (["--host", "0.0.0.0"], {}, 2, "nobody could send to 0.0.0.0"),
        ([], {"RESONANCE_SHOPIFY_SECRET_FILE": "none"}, 2, "cannot read none"),
        (["--channel", ""], {}, 2, "--channel needs 1 to 256 characters"),
        (["chat.csv"], {}, 2, "unexpected extra argument"),
        (["--port", "70000"], {}, 2, "--port"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(run, arguments, variables, code, words):
    refused = run("webhook", *arguments, **variables)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert words in refused.stderr
