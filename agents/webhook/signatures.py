"""Who may send: Shopify signs each body with a secret, others show a token."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from resonance.agents.settings import SettingsError

SECRET_FILE_BYTES: Final = 4_096
BEARER: Final = "Bearer "


def read_secrets(path: Path, setting: str) -> tuple[bytes, ...]:
    """Return the secrets in a file, one a line: while one is being replaced there are two.

    Raises `SettingsError`, which names the setting and the file but nothing of what is in it.
    """
    try:
        with path.open("rb") as file:
            text = file.read(SECRET_FILE_BYTES + 1)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}. `{setting}` names a file with the secret"
        raise SettingsError(message) from None
    secrets = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not secrets or len(text) > SECRET_FILE_BYTES:
        message = f"{path} holds no secret. Put it there, on a line of its own (`{setting}`)"
        raise SettingsError(message)
    return secrets


def shopify_signature(secret: bytes, body: bytes) -> str:
    """Return what X-Shopify-Hmac-Sha256 must be: the HMAC of the body as it was sent, in base64."""
    return b64encode(hmac.digest(secret, body, sha256)).decode()


def is_signed(secrets: Sequence[bytes], body: bytes, signature: str) -> bool:
    """Return whether one of the secrets made the signature, in a time that tells nothing of it."""
    given = signature.encode(errors="replace")
    made = [shopify_signature(secret, body).encode() for secret in secrets]
    return any(hmac.compare_digest(one, given) for one in made)


def is_bearer(tokens: Sequence[bytes], authorization: str) -> bool:
    """Return whether the header shows one of the tokens."""
    if not authorization.startswith(BEARER):
        return False
    given = authorization.removeprefix(BEARER).strip().encode(errors="replace")
    return any(hmac.compare_digest(token, given) for token in tokens)
