"""`make faults`: the live fault matrix, on a real Kafka with real worker processes.

make faults                         # all rows; exit 1 if one is not as it must be
make faults ARGS="--only K1,B1"     # some
make faults ARGS="--fast --json"    # those that every build plays, as JSON
make faults ARGS=--long             # 200 000 events with everything at once
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from faults.matrix import Fault, Played, chosen, play_all
from support.kafka import KafkaBroker, default_jars, missing_kafka

messages = Console(stderr=True, highlight=False)


def main() -> int:
    """Play the rows and print the table; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="make faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="ROW,ROW…", default="", help="only these rows")
    parser.add_argument("--fast", action="store_true", help="only what every build plays")
    parser.add_argument("--long", action="store_true", help="only the long case: many minutes")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep the processes' logs here")
    arguments = parser.parse_args()
    try:
        only = "L1" if arguments.long else arguments.only
        faults = chosen([name.strip() for name in only.split(",") if name.strip()])
    except ValueError as error:
        parser.error(str(error))
    if arguments.fast:
        faults = [fault for fault in faults if fault.fast]
    jars = default_jars()
    if reason := missing_kafka(jars):
        messages.print(f"cannot run: {reason}")
        return 3
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        with KafkaBroker.running(jars, folder / "kafka") as broker:
            played = list(_with_progress(faults, broker, folder))
    finally:
        if arguments.keep:
            _keep_logs(folder, arguments.keep)
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        found = {"machine": machine(), "rows": [as_json(one) for one in played]}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        print_table(played)
    return 0 if all(p.verdict.passed for p in played) else 1


def _with_progress(faults: Sequence[Fault], broker: KafkaBroker, folder: Path) -> Iterable[Played]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=messages, transient=True) as progress:
        task = progress.add_task("", total=len(faults))
        plays = play_all(faults, broker, folder)
        for fault in faults:
            progress.update(task, description=f"{fault.name} {fault.words}")
            played = next(plays)
            said = "as it must be" if played.verdict.passed else "NOT as it must be"
            messages.print(f"{fault.name}: {said}, {played.seconds:.0f} s")
            for line in played.verdict.faults:
                messages.print(f"    {line}", markup=False)
            progress.advance(task)
            yield played


def as_json(played: Played) -> dict[str, Any]:
    """Return a row as JSON has it."""
    verdict = asdict(played.verdict)
    return {
        "row": played.fault.name,
        "fault": played.fault.words,
        "passed": played.verdict.passed,
        **verdict,
        "seconds": round(played.seconds, 1),
    }


def print_table(played: Iterable[Played]) -> None:
    """Print the rows for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("row", "fault"):
        table.add_column(column)
    for column in ("events", "expected", "got", "duplicates", "recovery s"):
        table.add_column(column, justify="right")
    table.add_column("")
    table.add_column("note")
    for one in played:
        verdict = one.verdict
        table.add_row(
            one.fault.name,
            one.fault.words,
            f"{verdict.events:,}",
            _shown(verdict.expected),
            _shown(verdict.got),
            _shown(verdict.duplicates),
            "" if verdict.recovery_seconds is None else f"{verdict.recovery_seconds:.1f}",
            "ok" if verdict.passed else "DIFFERS",
            verdict.note,
        )
    console = Console(highlight=False, width=140)
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()))


def machine() -> dict[str, Any]:
    """Return what kind of machine this is."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0))
    load = round(os.getloadavg()[1], 1)
    return {"cores": cores, "memory GiB": round(memory_bytes / 2**30), "load": load}


def _shown(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or ""


def _keep_logs(folder: Path, kept: Path) -> None:
    for log in [*folder.rglob("worker-*.log"), folder / "kafka" / "broker.log"]:
        if log.is_file():
            target = kept / log.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, target)


if __name__ == "__main__":
    sys.exit(main())
