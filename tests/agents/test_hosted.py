"""A worker holds what its hops need, and nothing of other hops."""

import json
import subprocess
import sys

import pytest

from resonance.agents.hosted import WARM_TEXT
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.score import Scorer

HEAVY = ("numpy", "pyarrow", "resonance.sentiment.score")
HOST = """
import json, sys
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.hosted import Host
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
import resonance.agents.worker
settings = Settings(tier="rules", archive=sys.argv[2])
host = Host(settings, assumed_topology(settings), bytes(32), WorkerMetrics())
names = [hop.name for hop in host.hops([sys.argv[1]])]
print(json.dumps([names, [name for name in sys.argv[3:] if name in sys.modules]]))
"""


def hosted(role, archive):
    found = subprocess.run(
        [sys.executable, "-c", HOST, role, str(archive), *HEAVY],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout)


@pytest.mark.parametrize(
    ("role", "loaded"),
    [
        ("engagement", []),
        ("archive", ["numpy", "pyarrow"]),
        ("scoring", ["numpy", "resonance.sentiment.score"]),
    ],
)
def test_a_worker_loads_what_its_hop_needs_and_no_more(role, loaded, tmp_path):
    assert hosted(role, tmp_path) == [[role], loaded]


def test_the_text_that_warms_a_worker_up_is_read_by_every_step():
    asked = []

    class Asked(OwnDetector):
        def log_likelihoods(self, texts):
            asked.extend(texts)
            return super().log_likelihoods(texts)

    Scorer(detector=Asked(), tier="rules").score(WARM_TEXT)
    assert asked == [WARM_TEXT]
