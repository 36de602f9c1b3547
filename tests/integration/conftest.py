"""Topics of a test's own on the shared broker."""

from collections.abc import Callable
from hashlib import blake2b

import pytest

from resonance.agents.broker import provisioning
from resonance.agents.settings import Settings
from support.kafka import KafkaBroker


@pytest.fixture
def cluster(kafka_broker: KafkaBroker, request: pytest.FixtureRequest) -> Callable[..., Settings]:
    """Return a function that makes topics under a prefix of the test's own."""

    def provisioned(**changes: object) -> Settings:
        settings = Settings(
            broker=kafka_broker.address,
            topic_prefix=f"{blake2b(request.node.nodeid.encode(), digest_size=6).hexdigest()}.",
            scoring_budget_seconds=600.0,  # A busy machine must not give other scores.
            **changes,  # type: ignore[arg-type]
        )
        provisioning.provision(settings)
        return settings

    return provisioned
