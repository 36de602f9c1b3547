"""Our own live-commerce comments, authored and from templates: every head is judged in them."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from resonance.sentiment.model.heads import SEVERITY
from resonance.sentiment.training.rows import Row, sentiment_index
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

NONE: Final = "-"
COLUMNS: Final = 7
OWN_FLAG_WEIGHT: Final = 3.0  # Beside a general set's 1: few rows, but they know what we ask.
VAL_SHARE: Final = 0.4  # Of what is held out.


def read_comments(path: Path) -> Iterator[list[str]]:
    """Yield text, language, market, sentiment, signals, topics, friction of each line.

    Raises `ValueError` with file and line where a line has not these seven columns.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        columns = line.split("\t")
        if len(columns) != COLUMNS:
            message = f"{path.name}, line {number}: {len(columns)} columns, not {COLUMNS}"
            raise ValueError(message)
        yield columns


def labelled(columns: Sequence[str], source: str, split: str) -> Row:
    """Return the row of one comment; every flag is judged."""
    text, language, _, sentiment, signals, topics, friction = columns
    row = Row(text=text, language=language, source=source, split=split)
    row.sentiment = sentiment_index(sentiment)
    named = {name for part in (signals, topics) for name in part.split(",")} - {NONE}
    severities = dict(pair.split(":") for pair in friction.split(",") if pair != NONE)
    unknown = (named - {*SIGNALS, *TOPICS}) | (severities.keys() - {*FRICTION_CATEGORIES})
    if unknown:
        message = f"{source}: {text!r} is labelled {sorted(unknown)}, which no vocabulary has"
        raise ValueError(message)
    for name in (*SIGNALS, *TOPICS):
        row.flags[name] = float(name in named)
    for category in FRICTION_CATEGORIES:
        row.flags[category] = float(category in severities)
    if severities:
        worst = max(map(int, severities.values()))
        row.flags |= {name: float(worst >= at) for at, name in enumerate(SEVERITY, start=2)}
    row.flag_weights = dict.fromkeys(row.flags, OWN_FLAG_WEIGHT)
    return row


def split_of(text: str, held_out_share: float) -> str:
    """Return "test", "val" or "train": by the text's own hash, so that no edit moves another.

    Two fifths of what is held out decide how the models' votes add up, the rest judges. All of it
    lies in one half of the hashes: the phrase packs were written from the other one.
    """
    digest = sha256(text.encode()).digest()
    place = digest[1] / 512 if digest[0] % 2 else 1.0
    if place >= held_out_share:
        return "train"
    return "val" if place < held_out_share * VAL_SHARE else "test"
