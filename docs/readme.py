"""Put what the demo really prints into README.md's first screen: `make docs`.

With `--check` nothing is written; the exit status is 1 if README.md shows something else.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

README: Final = Path(__file__).parents[1] / "README.md"
COMMAND: Final = "$ make demo ARGS=--headless"
SHOWN: Final = re.compile(
    rf"(?<=^{re.escape(COMMAND)})([^\n]*\n).*?(?=^```$)", re.MULTILINE | re.DOTALL
)


def demo_output() -> str:
    """Return the demo's table; the scripted stream makes it the same on every run."""
    command = [sys.executable, "-m", "resonance.agents.cli", "demo", "--headless"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command.
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.rstrip().splitlines())


def main() -> int:
    """Bring README.md up to date, or check that it is; return the exit status."""
    output = demo_output()
    before = README.read_text("utf-8")
    after = SHOWN.sub(lambda shown: shown[1] + output, before)
    if COMMAND not in after:
        sys.exit(f"README.md has no `{COMMAND}`")
    if sys.argv[1:] == ["--check"]:
        return int(before != after)
    README.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
