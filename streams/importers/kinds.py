"""Rows of a tool that says what each of its rows is: every kind is counted under its name."""

from typing import Any, Final

from msgspec.structs import replace

from resonance.streams.events import Comment
from resonance.streams.importers.outcomes import Kinded, Skip, Skipped
from resonance.streams.importers.rows import Kind, Rows
from resonance.streams.reasons import Reason

NAME_CHARACTERS: Final = 64
UNNAMED: Final = "unnamed"
ANONYMOUS: Final = "anonymous"


class KindedRows(Rows):
    """Makes the events of one input, and names those that it leaves out."""

    def become(
        self, name: str, kind: Kind, fields: dict[str, Any], *, line: int, raw: bytes
    ) -> Kinded | Skipped:
        """Return the row's event, as of the kind `name`, or why it is none.

        A comment of viewer `ANONYMOUS` gets a viewer of its own, made of its id. The platform
        shows all such viewers under one id: as one they would be its most loyal customer, and
        who talks to whom would be made up. Counted apart, they are first-time viewers.
        """
        event = self.event(kind, fields, line=line, raw=raw)
        if isinstance(event, Skipped):
            return replace(event, kind=safe_name(name))
        if isinstance(event, Comment) and event.viewer_id == ANONYMOUS:
            event = replace(event, viewer_id=f"{ANONYMOUS}:{event.id[-200:]}")
        return Kinded(event, safe_name(name))

    def leave_out(self, name: str, line: int) -> Skipped:
        """Return the outcome of a row of a known kind that is no one's words."""
        return self.skip(_named(Skip.NOT_A_MESSAGE, line, name))

    def unknown(self, name: object, line: int) -> Skipped:
        """Return the outcome of a row of a kind that was never seen before."""
        return self.skip(_named(Reason.UNKNOWN_KIND, line, name))


def safe_name(name: object) -> str:
    """Return the name of a kind if it looks like one: a summary never repeats free text."""
    if isinstance(name, str) and name.isidentifier() and len(name) <= NAME_CHARACTERS:
        return name
    return UNNAMED


def _named(reason: Reason | Skip, line: int, name: object) -> Skipped:
    kind = safe_name(name)
    return Skipped(reason, line, kind, kind)
