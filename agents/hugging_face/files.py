"""A model's files: found in a folder or on the hub, and looked at before any library reads them.

A pickle runs what its author wrote, and `auto_map` names Python files to be run: neither is read.
"""

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatch
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from resonance.agents.errors import ServiceUnreachable, UsageError

CONFIG: Final = "config.json"
WEIGHTS: Final = "model.safetensors"
WEIGHTS_INDEX: Final = "model.safetensors.index.json"  # Names the parts of big weights.
TOKENIZER: Final = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("vocab.txt", "vocab.json", "merges.txt", "*.model"),
)
NEEDED: Final = (CONFIG, WEIGHTS, WEIGHTS_INDEX, "model-*.safetensors", *TOKENIZER)
PICKLES: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle")
JSON_MAX_BYTES: Final = 16_000_000
SHA256_DIGITS: Final = 12  # Shown of a digest: enough to tell models apart.

# owner/name, or owner/name@revision: what the hub calls a model.
HUB_ID: Final = re.compile(r"([\w-][\w.-]{0,95}/[\w-][\w.-]{0,95})(?:@([\w-][\w./-]{0,199}))?")


class ModelFiles(NamedTuple):
    """A model that may be read: its name for people, and where it lies."""

    name: str
    folder: Path
    weights: tuple[Path, ...]

    def version(self, meanings: Iterable[str]) -> str:
        """Return the name with two fingerprints: of the weights, and of all else that decides.

        The first is the start of the weights' SHA-256 (of their parts, one after the other); the
        second is over the configuration, the tokenizer and what the labels mean.
        """
        weights = sha256()
        for path in self.weights:
            with path.open("rb") as file:
                file_digest(file, lambda: weights)
        rest = sha256(",".join(meanings).encode())
        for path in sorted(self.folder.iterdir()):
            if any(fnmatch(path.name, pattern) for pattern in (CONFIG, *TOKENIZER)):
                rest.update(path.read_bytes())
        parts = (digest.hexdigest()[:SHA256_DIGITS] for digest in (weights, rest))
        return f"{self.name}:{'-'.join(parts)}"


def find_model(model: str) -> ModelFiles:
    """Return the files of a folder, or of a model on the hub, that are safe to read.

    A model on the hub is fetched once and then kept in the hub's own cache.

    Raises:
        UsageError: there is no such model, or it has no weights that are safe to read.
        ServiceUnreachable: the hub does not answer.
    """
    folder = Path.home() / model[2:] if model.startswith("~/") else Path(model)
    if folder.is_dir():
        return _checked(folder.resolve().name, folder, f"the model {model}")
    hub_id = HUB_ID.fullmatch(model)
    if hub_id is None:
        message = f"`model`: no folder {model}, and no name of the hub's, as in owner/name"
        raise UsageError(message)
    return _checked(model, _fetched(hub_id[1], hub_id[2]), f"the hub's {model}")


def _fetched(name: str, revision: str | None) -> Path:
    # Imported here: most people have no model of their own, and it takes a second.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import (  # noqa: PLC0415
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(NEEDED)))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        message = (
            f"`model`: there is no folder {name}, and the hub shows no model of this name"
            f"{' and revision' if revision else ''}. A private one needs `hf auth login`"
        )
        raise UsageError(message) from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        message = (
            f"cannot fetch {name} from the model hub ({type(error).__name__}). "
            "Try again, or set `model` to a folder that holds it"
        )
        raise ServiceUnreachable(message) from error


def _checked(name: str, folder: Path, called: str) -> ModelFiles:
    config = _json(folder / CONFIG)
    for described in (config, _json(folder / "tokenizer_config.json", required=False)):
        if "auto_map" in described:
            message = (
                f"{called} asks to run Python files of its own (`auto_map`); they are never run. "
                "Take a model of an architecture that the transformers library has"
            )
            raise UsageError(message)
    return ModelFiles(name, folder, _weights(folder, called))


def _weights(folder: Path, called: str) -> tuple[Path, ...]:
    names = {WEIGHTS}
    if not (folder / WEIGHTS).is_file() and (folder / WEIGHTS_INDEX).is_file():
        parts = _json(folder / WEIGHTS_INDEX).get("weight_map")
        names = set(map(str, parts.values())) if isinstance(parts, dict) else set()
    outside = [name for name in names if not fnmatch(name, "*.safetensors") or "/" in name]
    paths = tuple(folder / name for name in sorted(names))
    if paths and not outside and all(path.is_file() for path in paths):
        return paths
    pickled = [path.name for pattern in PICKLES for path in folder.glob(pattern)]
    why = f"only pickled weights ({pickled[0]}), which could run any code" if pickled else "none"
    message = (
        f"{called} must hold its weights as {WEIGHTS}; it has {why}. "
        "Save it by `model.save_pretrained(folder)`, which writes them so"
    )
    raise UsageError(message)


def _json(path: Path, *, required: bool = True) -> dict[str, Any]:
    """Return the object that a JSON file holds; of a file that is not required, maybe none."""
    if not required and not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            content = file.read(JSON_MAX_BYTES + 1)
        found = json.loads(content) if len(content) <= JSON_MAX_BYTES else None
    except OSError as error:
        message = f"a model's folder must hold {path.name}; {path}: {error.strerror}"
        raise UsageError(message) from error
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = f"{path} is no JSON object of at most {JSON_MAX_BYTES} bytes"
        raise UsageError(message)
    return found
