"""How long topics keep records, and what else the broker should do with them: asked and checked."""

from collections.abc import Iterator, Mapping

from kafka.admin import ConfigResource

from resonance.agents.broker.provisioning import Problem, admin_client, full_name, wanted_config
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.topics import TopicSpec

WHAT_FOR = {
    "retention.ms": "how long personal data lies there, and how far back can be read again",
    "message.timestamp.type": "lateness and ticks count by the broker's clock",
    "max.message.bytes": "whole batches must fit",
}


def config_problems(settings: Settings) -> list[Problem]:
    """Return where the broker's configuration of a topic is not what the settings ask for.

    None of it stops a hop. Raises `ServiceUnreachable` without a broker or a topic.
    """
    names = [full_name(settings, spec) for spec in topics.ALL]
    with admin_client(settings) as admin:
        asked = [ConfigResource("topic", name, list(WHAT_FOR)) for name in names]
        answer = admin.describe_configs(asked, config_filter="all")["topic"]
    return [
        problem
        for spec in topics.ALL
        for problem in _problems(settings, spec, answer[full_name(settings, spec)])
    ]


def _problems(
    settings: Settings, spec: TopicSpec, found: Mapping[str, Mapping[str, str]]
) -> Iterator[Problem]:
    name = full_name(settings, spec)
    for key, expected in wanted_config(settings, spec).items():
        if key in WHAT_FOR and found[key]["value"] != expected:
            yield Problem(
                topic=name,
                found=f"{key}={found[key]['value']}",
                expected=f"{expected} ({WHAT_FOR[key]})",
                remedy=f"Set it: `kafka-configs --alter --entity-type topics --entity-name {name} "
                f"--add-config {key}={expected}`",
            )
