"""Faults put into the rules, one at a time: the tests of the rules find each of them."""

from pathlib import Path

import pytest
import yaml

from support.rules import answer_with_fault
from support.servers import real_servers_required

FAULTS = yaml.safe_load(Path(__file__).with_name("rule_faults.yml").read_text("utf-8"))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_tests_of_the_rules_find(fault, tmp_path):
    real_servers_required("promtool")
    answer = answer_with_fault(**FAULTS[fault], folder=tmp_path)
    assert not answer.passed
    assert "FAILED" in answer.text
