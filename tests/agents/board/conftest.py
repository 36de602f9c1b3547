"""What the board's tests share."""

import subprocess
from collections.abc import Callable

import pytest

from support.servers import real_servers_required


@pytest.fixture
def promtool() -> Callable[[bytes], str]:
    """Lint an exposition with Prometheus' own tool; return what it has to say."""
    real_servers_required("promtool")

    def check(exposition: bytes) -> str:
        run = subprocess.run(
            ["promtool", "check", "metrics"], input=exposition, capture_output=True, check=False
        )
        return (run.stdout + run.stderr).decode()

    return check
