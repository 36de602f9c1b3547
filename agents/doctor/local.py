"""What this machine brings: the viewer key and the model."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from resonance.agents.doctor.finding import Finding, fine
from resonance.agents.errors import ResonanceError
from resonance.agents.privacy.viewer_key import read_keys, used_key_file
from resonance.agents.settings import Settings, SettingsError

FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def key_finding(settings: Settings, environ: Mapping[str, str] = os.environ) -> Finding:
    """Return whether there is a viewer key, and whether it is its owner's alone."""
    path = used_key_file(settings, environ)
    if not path.exists():
        return Finding(
            check="viewer key",
            verdict="warning",
            found=f"there is none at {path}",
            remedy="Set `viewer_key_file`; or the first scoring worker makes one there",
        )
    try:
        ring = read_keys(path)
    except SettingsError as error:
        found, _, remedy = str(error).partition(". ")
        return Finding(check="viewer key", verdict="fault", found=found, remedy=remedy)
    if open_to := _open_to(path):
        return Finding(
            check="viewer key",
            verdict="fault",
            found=f"{path} is open to {open_to}: whoever reads it can undo the pseudonyms",
            remedy=f"`chmod 600 {path}`; if others had it, `resonance keys rotate`",
        )
    return fine("viewer key", f"{path}, its owner's alone; epochs: {len(ring.epochs)}")


def _open_to(path: Path) -> str:
    mode = path.stat().st_mode
    if mode & stat.S_IRWXO:
        return "everybody"
    return "its group" if mode & FOR_OTHERS else ""


def model_finding(settings: Settings) -> Finding:
    """Return whether what is to score can be loaded, and scores."""
    from resonance.agents.scorers import make_scorer  # noqa: PLC0415 # Takes a second to load.

    try:
        scorer = make_scorer(settings)
        scored = scorer.score("ready")
    except ResonanceError as error:
        found, _, remedy = str(error).partition(". ")
        return Finding(check="model", verdict="fault", found=found, remedy=remedy)
    code, model, packs = scorer.versions
    about = f"tier {settings.tier} scores by {scored.scorer}: model {model}, packs {packs}"
    return fine("model", f"{about}, code {code}")
