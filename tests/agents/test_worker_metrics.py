"""A worker's series are there from the start, and none of them names a worker or a market."""

from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from resonance.agents.errors import UsageError
from resonance.agents.metrics import WorkerMetrics
from resonance.streams.reasons import Reason
from support.kafka import free_ports


def exposed(metrics: WorkerMetrics) -> dict[str, list[dict[str, str]]]:
    """Sample name -> the label sets it is shown with."""
    shown: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            shown.setdefault(sample.name, []).append(sample.labels)
    return shown


def test_every_reason_of_a_dead_letter_is_shown_at_zero() -> None:
    labels = exposed(WorkerMetrics())["resonance_dead_letters_total"]
    assert {label["reason"] for label in labels} == {reason.value for reason in Reason}


def test_no_second_series_tells_when_a_counter_was_created() -> None:
    assert not [name for name in exposed(WorkerMetrics()) if name.endswith("_created")]


def test_no_series_names_a_worker_a_stream_or_a_market() -> None:
    allowed = {"hop", "topic", "partition", "scorer", "reason", "version", "kind", "setting", "le"}
    for labels in exposed(WorkerMetrics()).values():
        for label in labels:
            assert label.keys() <= allowed


def test_two_workers_in_one_process_do_not_clash() -> None:
    first, second = WorkerMetrics(), WorkerMetrics()
    first.duplicates.inc(3)
    assert second.registry.get_sample_value("resonance_duplicates_total") == 0


def test_scrapes_are_answered_and_a_taken_port_is_refused_with_the_remedy() -> None:
    (port,) = free_ports(1)
    with WorkerMetrics().served("127.0.0.1", port):
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"resonance_build_info" in answer.read()
        with (
            pytest.raises(UsageError, match="worker_metrics_port"),
            WorkerMetrics().served("127.0.0.1", port),
        ):
            pass
