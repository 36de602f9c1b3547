"""The keys under which viewers become pseudonyms, in a file of their own.

The file is the 32 bytes of one key, or, once keys were rotated, JSON with every epoch. Losing it
makes old and new pseudonyms differ.
"""

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from resonance.agents.settings import Settings, SettingsError
from resonance.streams.viewers import KEY_BYTES, Epoch, KeyRing, Pseudonym

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0  # How often a worker looks whether there is a new epoch.


class _File(msgspec.Struct, frozen=True):
    """Keys travel as base64, as msgspec writes bytes."""

    epochs: tuple[Epoch, ...]


def ensure_viewer_key(settings: Settings, environ: Mapping[str, str] = os.environ) -> KeyRing:
    """Return the keys of `viewer_key_file`; without that setting, of a file made for this user.

    Raises SettingsError when the file cannot be read or holds no key: a new one in its place would
    silently make every returning viewer a stranger.
    """
    path = used_key_file(settings, environ)
    if settings.viewer_key_file is None and not path.exists():
        _make(path)
    return read_keys(path)


def watched_viewer_keys(
    settings: Settings, environ: Mapping[str, str] = os.environ
) -> "WatchedKeys":
    """Return the keys as `ensure_viewer_key` does, to be read anew whenever their file changes."""
    ring = ensure_viewer_key(settings, environ)
    return WatchedKeys(used_key_file(settings, environ), ring)


def used_key_file(settings: Settings, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the keys lie, or would be made."""
    return settings.viewer_key_file or default_key_file(environ)


def default_key_file(environ: Mapping[str, str]) -> Path:
    """Return where a user's own keys lie, by the XDG base directory rules."""
    state = environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local/state") / "resonance/viewer.key"


def read_keys(path: Path) -> KeyRing:
    """Return the keys in a file; raises SettingsError when it cannot be read or holds none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"cannot read the viewer key {path}: {error.strerror}. Set `viewer_key_file`"
        raise SettingsError(message) from None
    if len(content) == KEY_BYTES:
        return KeyRing.of(content)
    try:
        if content.startswith(b"{"):
            return KeyRing(msgspec.json.decode(content, type=_File).epochs)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        message = f"the viewer keys {path} are damaged: take them from a backup"
        raise SettingsError(message) from None
    message = (
        f"the viewer key {path} has {len(content)} bytes, expected {KEY_BYTES}. "
        f"Make one: `head -c {KEY_BYTES} /dev/urandom > FILE`"
    )
    raise SettingsError(message)


def write_keys(path: Path, ring: KeyRing) -> None:
    """Replace the file as a whole, readable by its owner only. Raises SettingsError if it cannot.

    The old content is overwritten before it is given up: no copy of a destroyed key stays in the
    file system's own reach. Copies elsewhere (backups, snapshots of disks) are not.
    """
    draft = _draft(path)
    try:
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_bytes(msgspec.json.encode(_File(ring.epochs)))
        with path.open("r+b") as old:
            draft.replace(path)  # From here on readers see the new keys, all or none.
            old.write(secrets.token_bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())
    except OSError as error:
        draft.unlink(missing_ok=True)
        message = f"cannot write the viewer keys {path}: {error.strerror}"
        raise SettingsError(message) from None


class WatchedKeys:
    """The keys of a file, read anew when the file has changed: a worker takes a rotation in."""

    def __init__(
        self, path: Path, ring: KeyRing, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._ring = ring
        self._seconds = seconds
        self._looked_at = seconds()
        self._stamp = _stamp(path)

    def pseudonym(self, platform: str, viewer_id: str, ingested_at_ms: int) -> Pseudonym:
        """Return the viewer's pseudonym at that time, by the keys as they are now."""
        if self._seconds() - self._looked_at >= LOOK_SECONDS:
            self._look()
        return self._ring.pseudonym(platform, viewer_id, ingested_at_ms)

    def _look(self) -> None:
        self._looked_at = self._seconds()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._ring = read_keys(self._path)
        except SettingsError as error:
            log.error("going on with the viewer keys known before: %s", error)  # noqa: TRY400
        else:
            log.info("the viewer keys have changed: %d epochs", len(self._ring.epochs))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _make(path: Path) -> None:
    """Write a new key whole and readable by its owner only; an existing one always wins."""
    draft = _draft(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_bytes(secrets.token_bytes(KEY_BYTES))
        try:
            path.hardlink_to(draft)  # Fails if another process was first; then its key counts.
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        message = f"cannot make a viewer key at {path}: {error.strerror}. Set `viewer_key_file`"
        raise SettingsError(message) from None
    sys.stderr.write(f"Made a key for viewers' pseudonyms: {path}. Keep it, and keep it secret.\n")
