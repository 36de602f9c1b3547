"""What the board's tests share."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest


@pytest.fixture
def promtool() -> Callable[[bytes], str]:
    """Lint an exposition with Prometheus' own tool; return what it has to say."""
    binary = shutil.which("promtool")
    if binary is None:
        message = "promtool is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    def check(exposition: bytes) -> str:
        run = subprocess.run(  # noqa: S603 - our own input, a fixed command.
            [binary, "check", "metrics"], input=exposition, capture_output=True, check=False
        )
        return (run.stdout + run.stderr).decode()

    return check
