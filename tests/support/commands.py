"""The installed command, run with settings as its environment."""

import os
import subprocess
import sys
from pathlib import Path

from msgspec.structs import asdict

from resonance.agents.settings import Settings

RESONANCE = str(Path(sys.executable).with_name("resonance"))
WAIT_SECONDS = 20.0  # Twice what a refusal takes on an idle machine; what hangs never ends.


def environment(settings: Settings) -> dict[str, str]:
    default = Settings()
    changed = {k: v for k, v in asdict(settings).items() if v != getattr(default, k)}
    return os.environ | {f"RESONANCE_{name.upper()}": str(v) for name, v in changed.items()}


def run(
    settings: Settings, *arguments: str, wait_seconds: float = WAIT_SECONDS
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RESONANCE, *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=wait_seconds,
    )
