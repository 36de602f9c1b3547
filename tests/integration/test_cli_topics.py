"""`resonance topics` on a real broker."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import ServiceUnreachable
from resonance.streams import topics
from support.kafka import KafkaBroker


@pytest.fixture
def _own_topics(kafka_broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESONANCE_BROKER", kafka_broker.address)
    monkeypatch.setenv("RESONANCE_TOPIC_PREFIX", "cli-topics.")
    monkeypatch.setenv("RESONANCE_PARTITIONS", "2")


@pytest.mark.usefixtures("_own_topics")
def test_topics_are_made_once_and_then_left_as_they_are() -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["topics", *arguments], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    with pytest.raises(ServiceUnreachable, match=r"no topic cli-topics\.comments.*topics create"):
        run("check")

    made = json.loads(run("create", "--json"))
    assert [topic["topic"] for topic in made] == [f"cli-topics.{t.name}" for t in topics.ALL]
    assert {topic["outcome"] for topic in made} == {"created"}

    assert "cli-topics.events: existed, 2 partitions" in run("create")
    assert run("check") == ""
