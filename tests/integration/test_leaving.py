"""A worker leaves in order when asked to, and says what stopped it when nobody asked."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from confluent_kafka.admin import AdminClient

from resonance.agents.settings import Settings
from support.engine import expected_rows, is_whole, produce, read, story, wait_until, window_rows
from support.worker_processes import workers


def delete(settings: Settings, topic: str) -> None:
    """Delete a topic under the workers' feet, and wait until the broker has forgotten it."""
    name = settings.topic_prefix + topic
    admin = AdminClient({"bootstrap.servers": settings.broker})
    admin.delete_topics([name])[name].result(10)
    wait_until(lambda: name not in admin.list_topics(timeout=10).topics, "the topic to go")


def busy(settings: Settings, worker: subprocess.Popen[bytes], name: str) -> None:
    """See the worker write rows, so that it has owned what it reads."""
    produce(settings, story(name, 300))
    wait_until(lambda: bool(read(settings, "windows")), "the worker to be busy")
    assert worker.poll() is None


def test_sigterm_exits_0_when_an_output_topic_has_gone(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster()
    with workers(settings, tmp_path) as running:
        worker = running.start("all")
        busy(settings, worker, "before")
        worker.send_signal(signal.SIGUSR2)  # Ignored: Faust's worker would wait in a debugger.
        worker.send_signal(signal.SIGSTOP)
        produce(settings, story("unwritten", 300))
        delete(settings, "windows")
        worker.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGCONT)
        assert worker.wait(10) == 0, running.log()


def test_a_topic_that_goes_while_it_is_in_use_stops_the_worker_which_says_so(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster()
    with workers(settings, tmp_path) as running:
        worker = running.start("all")
        busy(settings, worker, "before")
        delete(settings, "windows")
        produce(settings, story("unwritten", 300))
        assert worker.wait(90) == 3, running.log()
        assert "resonance topics create" in running.log()


def test_a_worker_with_a_name_of_its_own_keeps_its_partitions_over_a_restart(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(group_instance_id="first", session_timeout_seconds=30.0)
    told = story("named", 600)
    expected = expected_rows(told)
    with workers(settings, tmp_path) as running:
        produce(settings, told[:300])
        first = running.start("all")
        wait_until(lambda: bool(read(settings, "windows")), "the worker to be busy")
        first.kill()
        first.wait()
        produce(settings, told[300:])
        running.start("all")
        # Another member would wait for the session of the killed one to end.
        wait_until(lambda: is_whole(settings, expected), "the stream's rows")
    assert window_rows(settings) == expected
