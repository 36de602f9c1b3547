"""What a check found, and what to do about it."""

from typing import Literal

import msgspec

Verdict = Literal["ok", "warning", "fault", "unreachable", "skipped"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check's answer. `remedy` is empty where there is nothing to do."""

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""


def fine(check: str, found: str) -> Finding:
    """Return that all is well."""
    return Finding(check=check, verdict="ok", found=found)


def skipped(check: str, why: str) -> Finding:
    """Return that a check was not made, and why: never that all is well."""
    return Finding(check=check, verdict="skipped", found=why)


def exit_code(findings: list[Finding]) -> int:
    """Return 3 if something did not answer, else 1 if something is wrong, else 0.

    >>> exit_code([fine("broker", "answers")])
    0
    """
    verdicts = {finding.verdict for finding in findings}
    if "unreachable" in verdicts:
        return 3
    return int(bool(verdicts & {"warning", "fault"}))
