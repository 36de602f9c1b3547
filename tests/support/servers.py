"""Real servers in tests: skipped on a laptop that lacks them, never in continuous integration."""

import os
import shutil
from typing import NoReturn

import pytest


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test for `reason`; under CI fail it, or nobody would notice it never ran."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def real_servers_required(*commands: str) -> None:
    """Skip or fail unless every command is installed."""
    if missing := [command for command in commands if shutil.which(command) is None]:
        skip_or_fail(f"not installed: {', '.join(missing)} (`make servers` installs them)")
