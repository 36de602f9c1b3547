"""Topics of a test's own on the shared broker."""

from collections.abc import Callable

import pytest

from resonance.agents import provisioning
from resonance.agents.settings import Settings
from support.kafka import KafkaBroker


@pytest.fixture
def cluster(kafka_broker: KafkaBroker, request: pytest.FixtureRequest) -> Callable[..., Settings]:
    """Return a function that makes topics under a prefix of the test's own."""

    def provisioned(**changes: object) -> Settings:
        settings = Settings(
            broker=kafka_broker.address,
            topic_prefix=f"{request.node.name[-100:]}.",
            **changes,  # type: ignore[arg-type]
        )
        provisioning.provision(settings)
        return settings

    return provisioned
