"""Create our topics, and check at start-up that they are what the hops rely on.

Uses kafka-python's admin client: it blocks, so an event loop calls it in a thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.refusals import check_link, denied, is_denial
from resonance.agents.broker.topology import Topology
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.topics import TopicSpec

BOOTSTRAP_TIMEOUT_MS: Final = 5_000
REQUEST_TIMEOUT_MS: Final = 10_000
REMEDY: Final = "resonance topics create"
# A state record is read with the events partition of the same number.
_SAME_COUNT: Final = (*topics.CO_PARTITIONED, topics.STATE)
_KEPT: Final = "delete"  # Kafka's default cleanup.policy.


@dataclass(frozen=True, slots=True)
class Created:
    """What became of one topic: `created`, or `existed` and was left as it is."""

    topic: str
    partitions: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a topic is not what the hops rely on."""

    topic: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"topic {self.topic}: {self.found}, expected {self.expected}. {self.remedy}"


def provision(settings: Settings) -> list[Created]:
    """Create the topics that are missing; those that exist are left alone.

    Raises `ServiceUnreachable` without a broker, `UsageError` if it refuses a topic.
    """
    wanted = {
        settings.topic_prefix + spec.name: {
            "num_partitions": settings.partitions,
            "replication_factor": settings.replication_factor,
            "configs": wanted_config(settings, spec),
        }
        for spec in topics.ALL
    }
    with admin_client(settings) as admin:
        answer = admin.create_topics(wanted, raise_errors=False)
        refusals = {topic["name"]: for_code(topic["error_code"]) for topic in answer["topics"]}
        for topic in answer["topics"]:
            if topic["error_code"] == TopicAuthorizationFailedError.errno:
                raise denied(settings, f"to create topic {topic['name']}", "admin")
            if refusals[topic["name"]].errno not in {0, TopicAlreadyExistsError.errno}:
                message = f"the broker refused topic {topic['name']}: {topic['error_message']}"
                raise UsageError(message)
        admin.wait_for_topics(list(wanted), timeout_ms=REQUEST_TIMEOUT_MS)
        found = _describe(admin, list(wanted))
    return [
        Created(
            name,
            len(found[name]["partitions"]),
            "existed" if refusals[name].errno else "created",
        )
        for name in wanted
    ]


def wanted_config(settings: Settings, spec: TopicSpec) -> dict[str, str]:
    """Return the broker's configuration of a topic: as contracts.md, with the settings' times."""
    hours = {
        **dict.fromkeys((one.name for one in topics.SOURCES), settings.raw_retention_hours),
        topics.EVENTS.name: settings.events_retention_hours,
        topics.DEAD_LETTERS.name: settings.dead_letters_retention_hours,
    }
    if spec.name not in hours:
        return spec.config
    return spec.config | {"retention.ms": str(hours[spec.name] * topics.HOUR_MS)}


def check(settings: Settings, *roles: str) -> Topology:
    """Return the cluster's topology, if it is what the hops rely on.

    Raises `ServiceUnreachable` without a broker, with a topic missing, or one that the roles
    may not see; and `UsageError` when a topic has the wrong partition count or clean-up policy.
    The message names each one.
    """
    with admin_client(settings) as admin:
        names = [settings.topic_prefix + spec.name for spec in topics.ALL]
        described = _describe(admin, names)
        hidden = [
            name
            for name in names
            if described[name]["error_code"] == TopicAuthorizationFailedError.errno
        ]
        if hidden:
            raise denied(settings, f"topic {', '.join(hidden)}", *(roles or ("admin",)))
        missing = [name for name in names if described[name]["error_code"]]
        if missing:
            listed = ", ".join(missing)
            message = f"no topic {listed} on {settings.broker}. Create it: `{REMEDY}`"
            raise ServiceUnreachable(message)
        partitions = {name: len(described[name]["partitions"]) for name in names}
        problems = [
            *_count_problems(settings.topic_prefix, partitions),
            *_policy_problems(settings.topic_prefix, _clean_up_policies(admin, names)),
        ]
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    return Topology(
        prefix=settings.topic_prefix,
        partitions=partitions,
        ids={name: str(described[name]["topic_id"] or name) for name in names},
    )


def _count_problems(prefix: str, partitions: dict[str, int]) -> Iterator[Problem]:
    """Yield the topics whose partition count differs from that of `events`."""
    events = prefix + topics.EVENTS.name
    expected = partitions[events]
    for spec in _SAME_COUNT:
        name = prefix + spec.name
        if partitions[name] != expected:
            yield Problem(
                topic=name,
                found=f"{partitions[name]} partitions",
                expected=f"{expected}, as {events} has",
                remedy=f"Delete and create it again (`{REMEDY}`), or grow both alike while empty",
            )


def _policy_problems(prefix: str, policies: dict[str, str]) -> Iterator[Problem]:
    """Yield the topics that Kafka would clean up in another way than we rely on."""
    for spec in topics.ALL:
        name = prefix + spec.name
        expected = spec.config.get("cleanup.policy", _KEPT)
        if policies[name] != expected:
            yield Problem(
                topic=name,
                found=f"cleanup.policy={policies[name]}",
                expected=expected,
                remedy=f"Set it: `kafka-configs --alter --entity-type topics --entity-name {name} "
                f"--add-config cleanup.policy={expected}`",
            )


def _describe(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any]]:
    return {topic["name"]: topic for topic in admin.describe_topics(names)}


def _clean_up_policies(admin: KafkaAdminClient, names: list[str]) -> dict[str, str]:
    asked = [ConfigResource("topic", name, ["cleanup.policy"]) for name in names]
    answer = admin.describe_configs(asked, config_filter="all")["topic"]
    return {name: answer[name]["cleanup.policy"]["value"] for name in names}


@contextmanager
def admin_client(settings: Settings) -> Iterator[KafkaAdminClient]:
    """Yield an admin client; any Kafka error becomes one that says what to do."""
    check_link(settings)
    client: KafkaAdminClient | None = None
    try:
        client = KafkaAdminClient(
            **python_options(settings),
            client_id="resonance-admin",
            bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        yield client
    except KafkaError as error:
        if is_denial(error):
            raise denied(settings, f"this ({type(error).__name__})", "admin") from error
        message = (
            f"no usable Kafka at {settings.broker} ({type(error).__name__}). "
            "Start it, or set `broker` (RESONANCE_BROKER)"
        )
        raise ServiceUnreachable(message) from error
    finally:
        if client is not None:
            client.close()


def full_name(settings: Settings, spec: TopicSpec) -> str:
    """Return a topic's name under the prefix of the settings."""
    return settings.topic_prefix + spec.name
