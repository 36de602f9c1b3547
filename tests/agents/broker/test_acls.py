"""What each role may do: the least, by name, and the same in the documents."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resonance.agents.broker.acls import ROLES, grants_of
from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics

PAGE = Path(__file__).parents[3] / "docs/security.md"


def may(role: str, operation: str) -> set[str]:
    return {one.name for one in grants_of(Settings(), role) if one.operation == operation}


def test_only_scoring_and_who_sends_records_again_read_viewers_own_ids() -> None:
    raw = {spec.name for spec in topics.SOURCES}
    assert [role for role in ROLES if may(role, "READ") & raw] == ["scoring", "retry"]


def test_who_only_reads_writes_nothing() -> None:
    assert not may("board", "WRITE") | may("operator", "WRITE")
    assert not may("admin", "WRITE") | may("admin", "READ")


def test_only_the_admin_makes_topics() -> None:
    assert [role for role in ROLES if may(role, "CREATE")] == ["admin"]


@pytest.mark.parametrize("role", ROLES)
def test_the_page_lists_what_a_role_reads_and_writes(role: str) -> None:
    (row,) = [
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{role}`")
    ]
    reads, writes = (
        set(filter(None, cell.strip().replace("`", "").split(", "))) for cell in row.split("|")[2:4]
    )
    assert reads == may(role, "READ") - {f"resonance-{role}"}
    assert writes == may(role, "WRITE")


def test_every_name_has_the_prefix() -> None:
    for role in ROLES:
        granted = grants_of(Settings(topic_prefix="eu."), role)
        assert granted
        assert all(one.name.startswith("eu.") for one in granted)


def test_a_dry_run_asks_no_broker() -> None:
    arguments = ["topics", "acls", "--role", "board", "--principal", "User:b", "--dry-run"]
    shown = CliRunner().invoke(app, [*arguments, "--json"])
    assert json.loads(shown.stdout)[0] == {
        "kind": "topic",
        "name": "windows",
        "operation": "READ",
        "principal": "User:b",
        "host": "*",
    }
    assert "User:b: READ topic events\n" in CliRunner().invoke(app, arguments).stdout


@pytest.mark.parametrize("principal", ["board", "User:", "User:*", "Group:board", ""])
def test_a_principal_that_is_none_is_refused(principal: str) -> None:
    arguments = ["topics", "acls", "--role", "board", "--principal", principal, "--dry-run"]
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, UsageError)
    assert "Write it as User:NAME" in str(refused.exception)
