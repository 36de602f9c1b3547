"""The manifests: valid by Kubernetes' own schemas, hardened, and made from what they repeat."""

import copy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from resonance.agents.settings import VARIABLES

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "deploy/kubernetes"
KUBERNETES = "1.33"
# Kinds that others' operators bring: their schemas are not Kubernetes' own.
FOREIGN = {"ServiceMonitor", "PodMonitor", "PrometheusRule", "ScaledObject"}
Manifest = dict[str, Any]

KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))


def manifests() -> Iterator[tuple[str, Manifest]]:
    for name in KUSTOMIZATION["resources"]:
        for manifest in yaml.safe_load_all((FOLDER / name).read_text("utf-8")):
            yield f"{name}:{manifest['kind']}/{manifest['metadata']['name']}", manifest


ALL = dict(manifests())
PODS = {
    name: manifest["spec"]["template"]["spec"]
    for name, manifest in ALL.items()
    if manifest["kind"] in {"Deployment", "Job"}
}
DEPLOYMENTS = {m["metadata"]["name"]: m for m in ALL.values() if m["kind"] == "Deployment"}


def faults(pod: Manifest) -> list[str]:
    """Return what a pod may do that it need not, and what it may use without a limit."""
    found = []
    if pod.get("automountServiceAccountToken", True):
        found.append("has a token of the cluster")
    if not pod.get("securityContext", {}).get("runAsNonRoot"):
        found.append("may be root")
    for container in pod["containers"]:
        context = container.get("securityContext", {})
        if context.get("allowPrivilegeEscalation", True):
            found.append("may become more than it is")
        if not context.get("readOnlyRootFilesystem"):
            found.append("may write anywhere")
        if "ALL" not in context.get("capabilities", {}).get("drop", []):
            found.append("has capabilities")
        if "memory" not in container.get("resources", {}).get("limits", {}):
            found.append("may take all memory")
        if ":" in container["image"]:
            found.append("names a tag: that is kustomization.yaml's")
    return found


@pytest.mark.parametrize("name", [n for n, m in ALL.items() if m["kind"] not in FOREIGN])
def test_a_manifest_is_valid_to_the_field(name):
    kubernetes_validate.validate(ALL[name], KUBERNETES, strict=True)


def test_a_field_that_is_misspelt_is_found():
    spoilt = copy.deepcopy(DEPLOYMENTS["board"])
    spoilt["spec"]["replica"] = spoilt["spec"].pop("replicas")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, KUBERNETES, strict=True)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_nothing_that_it_need_not(name):
    assert faults(PODS[name]) == []


SPOILT: list[tuple[str, Callable[[Manifest], object]]] = [
    ("may be root", lambda pod: pod["securityContext"].pop("runAsNonRoot")),
    ("has a token", lambda pod: pod.pop("automountServiceAccountToken")),
    (
        "may write",
        lambda pod: pod["containers"][0]["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    ("has capabilities", lambda pod: pod["containers"][0]["securityContext"].pop("capabilities")),
    ("all memory", lambda pod: pod["containers"][0]["resources"].pop("limits")),
    ("names a tag", lambda pod: pod["containers"][0].update(image="resonance-live:latest")),
]


@pytest.mark.parametrize(("said", "spoil"), SPOILT, ids=[said for said, _ in SPOILT])
def test_a_pod_that_may_do_more_is_found_out(said, spoil):
    pod = copy.deepcopy(DEPLOYMENTS["scoring"]["spec"]["template"]["spec"])
    spoil(pod)
    assert any(said in fault for fault in faults(pod))


def test_every_file_is_applied_and_every_file_is_there():
    there = {file.name for file in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == there


@pytest.mark.parametrize(
    ("what", "file"), [("rules", "alert-rules.yaml"), ("dashboards", "dashboards.yaml")]
)
def test_what_is_repeated_is_made_and_up_to_date(what, file):
    made = subprocess.run(
        [sys.executable, FOLDER / "wrap.py", what], capture_output=True, check=True
    ).stdout
    assert made == (FOLDER / file).read_bytes(), "run `make docs`"


def test_every_setting_is_one_that_there_is():
    settings = ALL["settings.yaml:ConfigMap/resonance-settings"]["data"].keys()
    given = {
        entry["name"]
        for pod in PODS.values()
        for c in pod["containers"]
        for entry in c.get("env", [])
    }
    assert {name for name in settings | given if name.startswith("RESONANCE_")} <= VARIABLES.keys()


def test_selectors_find_their_pods_and_ports_have_their_names():
    for manifest in ALL.values():
        if manifest["kind"] not in {"Service", "PodDisruptionBudget", "PodMonitor"}:
            continue
        selector = manifest["spec"]["selector"]
        wanted = selector.get("matchLabels", selector)
        found = [
            deployment["spec"]["template"]
            for deployment in DEPLOYMENTS.values()
            if wanted.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        ]
        assert found, manifest["metadata"]["name"]
        ends = [
            *manifest["spec"].get("ports", []),
            *manifest["spec"].get("podMetricsEndpoints", []),
        ]
        for end in ends:
            port = end.get("targetPort", end["port"])
            for pod in found:
                names = [p["name"] for c in pod["spec"]["containers"] for p in c["ports"]]
                assert port in names


def test_the_board_is_one_and_workers_are_spread_and_kept():
    assert DEPLOYMENTS["board"]["spec"]["replicas"] == 1
    assert DEPLOYMENTS["board"]["spec"]["strategy"] == {"type": "Recreate"}
    kept = {m["metadata"]["name"] for m in ALL.values() if m["kind"] == "PodDisruptionBudget"}
    assert {"scoring", "engagement"} <= kept


def test_the_pager_is_one_listens_where_it_is_reached_and_has_its_secrets_by_name():
    deployment = DEPLOYMENTS["pager"]["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    given = {entry["name"]: entry["value"] for entry in container["env"]}
    (port,) = ALL["pager.yaml:Service/pager"]["spec"]["ports"]
    assert str(port["port"]) == given["RESONANCE_PAGER_PORT"]
    (mounted,) = (m["mountPath"] for m in container["volumeMounts"] if m["name"] == "secrets")
    files = {value for name, value in given.items() if name.endswith("_FILE")}
    assert {str(Path(file).parent) for file in files} == {mounted}
    assert {"secretName": "resonance-pager", "defaultMode": 0o440} in [
        volume.get("secret") for volume in pod["volumes"]
    ]


def test_the_board_starts_without_a_list_of_erased_viewers_and_reads_it_where_it_comes():
    pod = DEPLOYMENTS["board"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    given = {entry["name"]: entry["value"] for entry in container["env"]}
    folders = {m["name"]: m["mountPath"] for m in container["volumeMounts"]}
    assert Path(given["RESONANCE_ERASED_VIEWERS_FILE"]).parent == Path(folders["erased"])
    (secret,) = (v["secret"] for v in pod["volumes"] if v["name"] == "erased")
    assert secret["optional"] is True
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]


def test_more_scorers_than_partitions_are_never_asked_for():
    scaled = ALL["scaling.yaml:ScaledObject/scoring"]["spec"]
    partitions = ALL["settings.yaml:ConfigMap/resonance-settings"]["data"]["RESONANCE_PARTITIONS"]
    assert scaled["maxReplicaCount"] <= int(partitions)
    assert scaled["scaleTargetRef"]["name"] in DEPLOYMENTS


def test_what_is_scraped_comes_as_often_as_the_rules_expect():
    scraped = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    every = {
        job["job_name"]: job.get("scrape_interval", scraped["global"]["scrape_interval"])
        for job in scraped["scrape_configs"]
    }
    board = ALL["monitoring.yaml:ServiceMonitor/board"]["spec"]["endpoints"][0]
    workers = ALL["monitoring.yaml:PodMonitor/workers"]["spec"]["podMetricsEndpoints"][0]
    assert board["interval"] == every["board"]
    assert workers["interval"] == every["scoring"] == every["engagement"]


def test_no_secret_stands_in_a_file():
    assert not [name for name, manifest in ALL.items() if manifest["kind"] == "Secret"]
