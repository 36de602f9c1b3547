"""Prometheus and Alertmanager take their configurations, asked by their own tools."""

import subprocess
from pathlib import Path

import pytest

from support.servers import real_servers_required

DEPLOY = Path(__file__).parents[2] / "deploy"
CHECKS = {
    "prometheus/prometheus.yml": ("promtool", "check", "config"),
    "alertmanager/alertmanager.yml": ("amtool", "check-config"),
    "alertmanager/direct.yml": ("amtool", "check-config"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_server_takes_its_configuration(name):
    command, *arguments = CHECKS[name]
    real_servers_required(command)
    answer = subprocess.run(
        [command, *arguments, DEPLOY / name], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", CHECKS)
def test_a_key_that_is_none_would_be_refused(name, tmp_path):
    command, *arguments = CHECKS[name]
    real_servers_required(command)
    spoilt = tmp_path / "config.yml"
    spoilt.write_text((DEPLOY / name).read_text("utf-8") + "\nscrape_konfigs: []\n")
    answer = subprocess.run([command, *arguments, spoilt], capture_output=True, check=False)
    assert answer.returncode != 0
