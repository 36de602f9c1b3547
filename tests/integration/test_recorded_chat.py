"""A real recording through Kafka gives the windows of its replay, to the byte."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resonance.agents.settings import Settings
from resonance.streams.windows import decode_row
from support.engine import read, wait_until, window_rows
from support.worker_processes import Workers, workers

RECORDING = "chat/youtube_chatdownloader2020_premiere_en.json"
COMMENTS, COMMENTERS = 7_453, 6_008


@pytest.fixture
def recording(data_dir: Path) -> Path:
    path = data_dir / RECORDING
    if not path.is_file():
        pytest.skip(f"no {RECORDING} in {data_dir}")
    return path


def run(running: Workers, *arguments: str | Path) -> None:
    """Run a command with the workers' settings, their viewer key among them."""
    subprocess.run(
        [Path(sys.executable).with_name("resonance"), *arguments],
        env=running.environment(),
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_a_recording_through_two_scorers_and_a_kill_gives_the_rows_of_its_replay(
    cluster: Callable[..., Settings], recording: Path, tmp_path: Path
) -> None:
    settings = cluster(scoring_batch_records=100, session_timeout_seconds=6.0)
    with workers(settings, tmp_path) as running:
        run(running, "replay", recording, "--windows", tmp_path / "windows.tsv")
        lines = (tmp_path / "windows.tsv").read_text().splitlines()
        expected = {key: value.encode() for key, value in (line.split("\t") for line in lines)}
        (total,) = [key for key in expected if key.endswith("|*|total")]
        room = decode_row(expected[total])
        assert (room.comments, room.commenters) == (COMMENTS, COMMENTERS)

        run(running, "import", recording, "--to", "kafka", "--key", "viewer")
        one, _, folding = map(running.start, ("scoring", "scoring", "engagement"))
        wait_until(lambda: len(read(settings, "events")) > COMMENTS / 3, "a third to be scored")
        for victim in (one, folding):
            victim.send_signal(signal.SIGKILL)
            victim.wait()
        running.start("engagement")
        wait_until(lambda: window_rows(settings).get(total) == expected[total], "the total")
        assert window_rows(settings) == expected
