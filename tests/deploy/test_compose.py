"""The compose file holds: by our own check everywhere, by Docker's where its plug-in is."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from resonance.agents.settings import PREFIX, load_settings
from support.compose import faults, mounted_files, parsed, soft_spots

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docker-compose.yml").read_text("utf-8")
SERVICES = parsed(TEXT, {})[0]["services"]

# What somebody could get wrong in it: what to replace, by what, and what the check must say.
SEEDED = {
    "an undefined volume": ("kafka-data:/var", "kafka-date:/var", "undefined volume"),
    "an undefined service": (
        "kafka: {condition: service_healthy}",
        "kafca: {condition: service_healthy}",
        "undefined service",
    ),
    "an undefined secret": ("secrets: [viewer_key]", "secrets: [viewer]", "undefined secret"),
    "a bad duration": ("start_period: 30s", "start_period: 30 seconds", "no duration"),
    "a bad condition": (
        "kafka: {condition: service_healthy}",
        "kafka: {condition: service_well}",
        "no such condition",
    ),
    "a bad amount of memory": ("memory: 128m", "memory: 128 megs", "no amount of memory"),
    "a missing variable": ("${KAFKA_TAG:-4.1.0}", "${KAFKA_TAG:?set it}", "variable KAFKA_TAG"),
    "a dependency cycle": (
        "    hostname: kafka\n",
        "    hostname: kafka\n    depends_on: {board: {condition: service_healthy}}\n",
        "waits for itself",
    ),
}


def test_the_compose_file_has_no_fault():
    assert faults(TEXT) == []


@pytest.mark.parametrize("fault", SEEDED)
def test_a_seeded_fault_is_found(fault):
    right, wrong, said = SEEDED[fault]
    assert right in TEXT
    assert any(said in found for found in faults(TEXT.replace(right, wrong, 1)))


def docker_compose_says(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run Docker's own check, which needs its plug-in but no engine."""
    (folder / "docker-compose.yml").write_text(text)
    return subprocess.run(
        ["docker", "compose", "--profile", "*", "config", "--quiet"],
        cwd=folder,
        env={**os.environ, "KAFKA_TAG": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def plug_in() -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "compose", "version"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no `docker compose` here: our own check stands in for it")


@pytest.mark.usefixtures("plug_in")
def test_docker_compose_takes_the_file(tmp_path):
    answer = docker_compose_says(tmp_path, TEXT)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.usefixtures("plug_in")
@pytest.mark.parametrize("fault", SEEDED)
def test_docker_compose_finds_the_same_faults(fault, tmp_path):
    right, wrong, _ = SEEDED[fault]
    assert docker_compose_says(tmp_path, TEXT.replace(right, wrong, 1)).returncode != 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardened(name):
    assert list(soft_spots(SERVICES[name])) == []


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"user": "root"}, "a user by number, not root"),
        ({"user": "0:0"}, "a user by number, not root"),
        ({"image": "apache/kafka:latest"}, "a tag that stays"),
        ({"image": "apache/kafka"}, "a tag that stays"),
        ({"ports": ["9092:9092"]}, "ports on loopback"),
        ({"read_only": False}, "read_only"),
        ({"cap_add": ["NET_ADMIN"]}, "cap_drop: [ALL]"),
        ({"volumes": ["./deploy:/etc"]}, "mounts that cannot be written"),
    ],
)
def test_a_soft_spot_is_found(spoilt, said):
    assert list(soft_spots({**SERVICES["kafka"], **spoilt})) == [said]


def test_all_who_show_or_archive_read_one_list_of_erased_viewers_and_it_outlives_them():
    setting = "RESONANCE_ERASED_VIEWERS_FILE"
    lists = {name: s["environment"][setting] for name, s in SERVICES.items() if setting in str(s)}
    assert set(lists) == {"archive", "board"}
    (path,) = set(lists.values())
    mount = f"privacy-data:{Path(path).parent}"
    assert all(mount in SERVICES[name]["volumes"] for name in lists)


def test_every_mounted_file_exists():
    mounted = [path for service in SERVICES.values() for path in mounted_files(service)]
    assert mounted
    assert [path for path in mounted if not (PROJECT / path).exists()] == []


def test_every_command_and_setting_of_a_service_is_one_of_ours():
    ours = {name: s for name, s in SERVICES.items() if s["image"].startswith("resonance-live")}
    assert set(ours) == {"topics", "scoring", "engagement", "archive", "board", "pager", "demo"}
    for service in ours.values():
        given = {k: v for k, v in service["environment"].items() if k.startswith(PREFIX)}
        assert load_settings(environ=given).broker == "kafka:19092"
        if "command" in service:
            asked = [sys.executable, "-m", "resonance.agents.cli", *service["command"], "--help"]
            subprocess.run(asked, capture_output=True, check=True)


def test_prometheus_scrapes_the_ports_that_the_services_open():
    config = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    scraped = {job["job_name"]: job for job in config["scrape_configs"]}
    for name in ("scoring", "engagement"):
        (found,) = scraped[name]["dns_sd_configs"]
        environment = SERVICES[name]["environment"]
        assert found["names"] == [name]
        assert str(found["port"]) == environment["RESONANCE_WORKER_METRICS_PORT"]
    port = SERVICES["board"]["environment"]["RESONANCE_BOARD_PORT"]
    assert scraped["board"]["static_configs"] == [{"targets": [f"board:{port}"]}]


def test_alertmanager_reaches_the_pager_and_both_hold_its_token():
    config = yaml.safe_load((PROJECT / "deploy/alertmanager/alertmanager.yml").read_text("utf-8"))
    hooks = [hook for receiver in config["receivers"] for hook in receiver["webhook_configs"]]
    environment = SERVICES["pager"]["environment"]
    assert len(hooks) == 2
    for hook in hooks:
        assert hook["url"].startswith(f"http://pager:{environment['RESONANCE_PAGER_PORT']}/")
        file = hook["http_config"]["authorization"]["credentials_file"]
        assert file == environment["RESONANCE_PAGER_TOKEN_FILE"]
        for name in ("pager", "alertmanager"):
            assert Path(file).name in SERVICES[name]["secrets"]


def test_the_pager_asks_the_board_and_has_somebody_to_tell():
    pager, board = SERVICES["pager"], SERVICES["board"]["environment"]
    asked = pager["environment"]["RESONANCE_PAGER_BOARD_URL"]
    assert asked == f"http://board:{board['RESONANCE_BOARD_PORT']}"
    told = Path(pager["environment"]["RESONANCE_PAGER_WEBHOOK_URL_FILE"])
    assert told.name in pager["secrets"]


def test_secrets_are_made_once_and_never_end_in_the_repository(tmp_path):
    script = tmp_path / "secrets/make.sh"
    script.parent.mkdir()
    shutil.copy(PROJECT / "deploy/secrets/make.sh", script)
    subprocess.run(["sh", script], check=True, capture_output=True)
    declared = yaml.safe_load(TEXT)["secrets"].values()
    made = {name: script.parent / name for name in (Path(s["file"]).name for s in declared)}
    before = {name: path.read_bytes() for name, path in made.items()}
    assert len(before["viewer.key"]) == 32
    assert len(before["grafana_admin_password"]) == 32
    assert len(before["pager_token"]) == 32
    # Nobody else gets into the folder; the containers' users can read what is mounted from it.
    assert stat.S_IMODE(script.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.values()} == {0o444}
    subprocess.run(["sh", script], check=True, capture_output=True)
    assert {name: path.read_bytes() for name, path in made.items()} == before
    ignored = (PROJECT / "deploy/secrets/.gitignore").read_text().split()
    assert ignored == ["*", "!.gitignore", "!make.sh"]
