"""The list of viewers who are to be forgotten, as a file: added to, and read anew as it grows."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from resonance.agents.settings import Settings, SettingsError
from resonance.streams.erasure import (
    DamagedListError,
    ErasedViewers,
    Erasure,
    erasure_line,
    read_erasures,
)


def used_list_file(settings: Settings, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the list lies: `erased_viewers_file`, else in the user's state folder."""
    if settings.erased_viewers_file is not None:
        return settings.erased_viewers_file
    state = environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local/state") / "resonance/erased.jsonl"


def add_erasures(path: Path, erasures: Sequence[Erasure]) -> int:
    """Append those that are not on the list; return how many. Raises SettingsError."""
    known = {one.viewer for one in read_list(path)}
    new = [one for one in erasures if one.viewer not in known]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"".join(map(erasure_line, new)))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        message = f"cannot write the list {path}: {error.strerror}. Set `erased_viewers_file`"
        raise SettingsError(message) from None
    return len(new)


def read_list(path: Path) -> list[Erasure]:
    """Return the list, which is empty where there is no file yet. Raises SettingsError."""
    try:
        return read_erasures(path.read_bytes())
    except FileNotFoundError:
        return []
    except DamagedListError as error:
        message = f"{path}: {error}. Mend the line: until then no comment is shown or rewritten"
        raise SettingsError(message) from None
    except OSError as error:
        message = f"cannot read the list {path}: {error.strerror}. Set `erased_viewers_file`"
        raise SettingsError(message) from None


class ErasedList:
    """The list as it stands, for what runs on: `look` reads it anew when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._salt = secrets.token_bytes(32)
        self._stamp = (0, 0)
        self.viewers = ErasedViewers()
        self.look()

    def look(self) -> bool:
        """Return whether the list has changed since the last look. Raises SettingsError."""
        try:
            found = self._path.stat()
            stamp = found.st_mtime_ns, found.st_size
        except OSError:
            stamp = 0, 0
        if stamp == self._stamp:
            return False
        self.viewers = ErasedViewers(read_list(self._path), self._salt)
        self._stamp = stamp
        return True
