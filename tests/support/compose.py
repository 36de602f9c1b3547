"""Check a compose file as `docker compose config` does, where there is no Docker.

Also what that does not look at: files that are mounted, tags that move, and the hardening that
every service of ours has.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

Compose = dict[str, Any]
Service = dict[str, Any]

CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"(\d+(\.\d+)?(us|ms|s|m|h))+")
BYTES = re.compile(r"\d+(\.\d+)?([kmgt]b?|b)?", re.IGNORECASE)
TOP_KEYS = {"name", "services", "volumes", "secrets", "networks", "configs"}
SERVICE_KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "entrypoint", "environment",
    "expose", "healthcheck", "hostname", "image", "init", "logging", "networks", "ports",
    "profiles", "pull_policy", "read_only", "restart", "secrets", "security_opt",
    "stop_grace_period", "stop_signal", "tmpfs", "ulimits", "user", "volumes", "working_dir",
}  # fmt: skip
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period", "start_interval"}
VARIABLE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)(?:(:?[-?])([^}]*))?\})")


def parsed(text: str, environ: Mapping[str, str]) -> tuple[Compose, list[str]]:
    """Return the compose file with its variables filled in, and the faults found by that."""
    faults: list[str] = []

    def fill_in(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name is None:
            return "$"
        if environ.get(name):
            return environ[name]
        if match[3] not in {":-", "-"}:
            faults.append(f"the variable {name} has no value and no default")
        return match[4] or ""

    # Comments may speak of variables; what YAML reads may not.
    filled = _mapped(yaml.safe_load(text), lambda value: VARIABLE.sub(fill_in, value))
    return filled, faults


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def faults(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return everything that `docker compose config` would refuse."""
    compose, found = parsed(text, environ or {})
    found += [
        f"unknown key {key}" for key in compose if key not in TOP_KEYS and not key.startswith("x-")
    ]
    for name, service in compose["services"].items():
        found += [f"{name}: {fault}" for fault in _of_service(service, compose)]
    return found + _cycles(compose["services"])


def _of_service(service: Service, compose: Compose) -> Iterator[str]:
    yield from (f"unknown key {key}" for key in service if key not in SERVICE_KEYS)
    if not service.get("image") and not service.get("build"):
        yield "neither image nor build"
    for source in named_volumes(service):
        if source not in (compose.get("volumes") or {}):
            yield f"undefined volume {source}"
    for secret in service.get("secrets", []):
        if secret not in (compose.get("secrets") or {}):
            yield f"undefined secret {secret}"
    yield from _of_dependencies(service, compose["services"])
    yield from _of_values(service)


def _of_dependencies(service: Service, services: Mapping[str, Service]) -> Iterator[str]:
    for name, wanted in dependencies(service).items():
        condition = wanted.get("condition")
        if name not in services:
            yield f"undefined service {name}"
        elif condition not in CONDITIONS:
            yield f"no such condition: {condition}"
        elif condition == "service_healthy" and "healthcheck" not in services[name]:
            yield f"waits for the health of {name}, which has no healthcheck"


def _of_values(service: Service) -> Iterator[str]:
    health = service.get("healthcheck", {})
    yield from (f"unknown key healthcheck.{key}" for key in health if key not in HEALTH_KEYS)
    durations = {key: health[key] for key in HEALTH_KEYS - {"test", "retries"} if key in health}
    durations["stop_grace_period"] = service.get("stop_grace_period", "10s")
    for key, value in durations.items():
        if not DURATION.fullmatch(str(value)):
            yield f"{key} is no duration: {value}"
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    if not BYTES.fullmatch(str(limits.get("memory", "0"))):
        yield f"no amount of memory: {limits['memory']}"
    if not re.fullmatch(r"\d+(\.\d+)?", str(limits.get("cpus", "0"))):
        yield f"no number of processors: {limits['cpus']}"


def dependencies(service: Service) -> dict[str, dict[str, Any]]:
    """Return what the service waits for, and how."""
    wanted = service.get("depends_on", {})
    if isinstance(wanted, list):
        return {name: {"condition": "service_started"} for name in wanted}
    return dict(wanted)


def _cycles(services: Mapping[str, Service]) -> list[str]:
    """Return the services that wait for themselves, by way of others."""

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        nexts = dependencies(services.get(start, {}))
        return any(
            name == goal or (name not in seen and reaches(name, goal, seen | {name}))
            for name in nexts
        )

    return [f"{name}: waits for itself" for name in services if reaches(name, name, {name})]


def named_volumes(service: Service) -> list[str]:
    """Return the volumes that the service mounts by name."""
    return [s for s in _sources(service) if not s.startswith((".", "/", "~"))]


def mounted_files(service: Service) -> list[str]:
    """Return the files and folders of this machine that the service mounts."""
    return [s for s in _sources(service) if s.startswith((".", "/", "~"))]


def _sources(service: Service) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", [])]


def soft_spots(service: Service) -> Iterator[str]:
    """Yield what a service of ours must have and this one lacks."""
    wanted = {
        "read_only": service.get("read_only") is True,
        "cap_drop: [ALL]": service.get("cap_drop") == ["ALL"] and not service.get("cap_add"),
        "no-new-privileges": "no-new-privileges:true" in service.get("security_opt", []),
        "a user by number, not root": bool(
            re.fullmatch(r"[1-9]\d*:\d+", str(service.get("user", "")))
        ),
        "stop_grace_period": "stop_grace_period" in service,
        "log rotation": {"max-size", "max-file"}
        <= set(service.get("logging", {}).get("options", {})),
        "limits": {"cpus", "memory", "pids"}
        <= set(service.get("deploy", {}).get("resources", {}).get("limits", {})),
        # One that runs once is judged by its exit.
        "healthcheck": "healthcheck" in service or service.get("restart") == "no",
        "restart": "restart" in service,
        "a tag that stays": bool(re.search(r":v?\d+\.\d+\.\d+$", service.get("image", ""))),
        "ports on loopback": all(p.startswith("127.0.0.1:") for p in service.get("ports", [])),
        "mounts that cannot be written": all(
            volume.endswith(":ro")
            for volume in service.get("volumes", [])
            if volume.startswith(".")
        ),
    }
    yield from (what for what, there in wanted.items() if not there)
