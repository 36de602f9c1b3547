"""One training run's materials: rows, their forms and traits, kept in a working directory."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from resonance.sentiment.comments import Comments
from resonance.sentiment.model.form import read_form
from resonance.sentiment.model.traits import LANGUAGE_TRAITS, TRAITS, traits_of
from resonance.sentiment.pack import packs_version
from resonance.sentiment.reading import Readings
from resonance.sentiment.score import BATCH_TEXTS
from resonance.sentiment.text import normalise, without_emotes
from resonance.sentiment.training.mix import read_mix
from resonance.sentiment.training.rows import Row

OURS: Final = Path(__file__).parent / "texts"  # What we wrote ourselves.
FORGOTTEN_SHARE: Final = 0.6  # Of our authored rows, from whose like the packs were written.


def read_by_rules(rows: Sequence[Row]) -> Readings:
    """Return what the rules see in rows, whose languages are known."""
    comments = Comments.of([without_emotes(normalise(row.text)) for row in rows])
    return Readings(comments, [row.language for row in rows])


class Workshop:
    """The rows of a run and what is computed of them once."""

    def __init__(self, data: Path, work: Path, seed: int, ours: Path = OURS) -> None:
        self.data = data
        self.ours = ours
        self.work = work
        self.seed = seed
        work.mkdir(parents=True, exist_ok=True)

    @cached_property
    def rows(self) -> list[Row]:
        """All rows of all splits, in a fixed order."""
        return read_mix(self.data, self.ours, self.seed)

    @cached_property
    def forms(self) -> list[str]:
        """The model's form of each row."""
        return [read_form(row.text) for row in self.rows]

    @cached_property
    def traits(self) -> NDArray[np.float32]:
        """What the rules saw in each row: (rows, traits)."""
        digest = sha256(packs_version().encode())
        for row in self.rows:
            digest.update(f"{row.language}\t{row.text}\n".encode())
        path = self.work / f"traits-{digest.hexdigest()[:12]}.npy"
        if path.exists():
            known: NDArray[np.float16] = np.load(path)
            return known.astype(np.float32)
        found = np.zeros((len(self.rows), len(TRAITS)), np.float16)
        for start in track(range(0, len(self.rows), BATCH_TEXTS), "Reading by rules"):
            part = slice(start, start + BATCH_TEXTS)
            found[part] = traits_of(read_by_rules(self.rows[part]))
        np.save(path, found)
        return found.astype(np.float32)

    @cached_property
    def training_traits(self) -> NDArray[np.float32]:
        """The traits that training sees.

        The packs know the authored comments too well: those rows mostly do without.
        """
        result = self.traits.copy()
        random = np.random.default_rng(self.seed)
        for index, row in enumerate(self.rows):
            if row.source == "authored" and random.random() < FORGOTTEN_SHARE:
                result[index, : LANGUAGE_TRAITS.start] = 0.0
        return result

    def places(self, *splits: str) -> list[int]:
        """Return the places of the rows of some splits."""
        return [place for place, row in enumerate(self.rows) if row.split in splits]

    def pick(self, places: Sequence[int]) -> tuple[list[Row], list[str], NDArray[np.float32]]:
        """Return rows, forms and training traits at these places."""
        return (
            [self.rows[place] for place in places],
            [self.forms[place] for place in places],
            self.training_traits[list(places)],
        )
