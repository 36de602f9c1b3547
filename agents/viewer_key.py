"""The key under which viewers become pseudonyms. Losing it makes old and new pseudonyms differ."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from resonance.agents.settings import Settings, SettingsError
from resonance.streams.viewers import KEY_BYTES


def ensure_viewer_key(settings: Settings, environ: Mapping[str, str] = os.environ) -> bytes:
    """Return the key of `viewer_key_file`; without that setting, of a file made for this user.

    Raises SettingsError when the file cannot be read or is no key: a new one in its place would
    silently make every returning viewer a stranger.
    """
    if settings.viewer_key_file is not None:
        return _read(settings.viewer_key_file)
    path = default_key_file(environ)
    if not path.exists():
        _make(path)
    return _read(path)


def default_key_file(environ: Mapping[str, str]) -> Path:
    """Return where a user's own key lies, by the XDG base directory rules."""
    state = environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local/state") / "resonance/viewer.key"


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        message = f"cannot read the viewer key {path}: {error.strerror}. Set `viewer_key_file`"
        raise SettingsError(message) from None
    if len(key) != KEY_BYTES:
        message = (
            f"the viewer key {path} has {len(key)} bytes, expected {KEY_BYTES}. "
            f"Make one: `head -c {KEY_BYTES} /dev/urandom > FILE`"
        )
        raise SettingsError(message)
    return key


def _make(path: Path) -> None:
    """Write a new key whole and readable by its owner only; an existing one always wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
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
