"""What a process no longer uses goes back to the system."""

import platform
import subprocess
import sys
from typing import Final

import pytest

from resonance.agents.state.memory import give_back, keep_together

# Of 64 MiB in blocks of a few hundred bytes to a few pages, made by several threads, one in a
# hundred stays: enough that the allocator by itself gives back next to nothing.
STATE_THAT_GOES: Final = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from resonance.agents.state.memory import give_back, keep_together

def resident_mib():
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

def state(thread):
    return [bytes(600 + number % 40 * 100) for number in range(7_000)]

keep_together()
before = resident_mib()
with ThreadPoolExecutor(4) as threads:
    states = list(threads.map(state, range(4)))
    held = resident_mib()
    kept = [block for one in states for block in one[::100]]
    del states
    dropped = resident_mib()
    give_back()
    print(held - before, dropped - before, resident_mib() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to")
def test_memory_of_a_state_that_is_gone_goes_back_to_the_system() -> None:
    said = subprocess.run(
        [sys.executable, "-c", STATE_THAT_GOES], check=True, capture_output=True, text=True
    ).stdout
    held, dropped, given_back = map(float, said.split())
    assert dropped > held / 2, "nothing was left to give back"
    assert given_back < held / 4


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    keep_together()
    give_back()
