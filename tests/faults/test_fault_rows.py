"""What a reader of `windows` sees is exact, whatever happens to workers, broker and events.

The fast rows of the matrix, with real processes; `make faults` plays all of them.
"""

from pathlib import Path

import pytest

from faults.field import Field
from faults.matrix import FAULTS, Fault, open_field, play
from support.kafka import KafkaBroker

FAST = [fault for fault in FAULTS if fault.fast]


@pytest.mark.parametrize("fault", [f for f in FAST if not f.shared], ids=lambda f: f.name)
def test_rows_are_exact_whatever_happens_to_workers_and_broker(
    fault: Fault, mortal_broker: KafkaBroker, tmp_path: Path
) -> None:
    with open_field(fault, mortal_broker, tmp_path) as field:
        verdict = play(fault, field).verdict
    assert (verdict.got, verdict.faults) == (verdict.expected, [])


@pytest.mark.parametrize("fault", [f for f in FAST if f.shared], ids=lambda f: f.name)
def test_rows_are_exact_whatever_is_sent(fault: Fault, shared: Field) -> None:
    verdict = play(fault, shared).verdict
    assert (verdict.got, verdict.faults) == (verdict.expected, [])
