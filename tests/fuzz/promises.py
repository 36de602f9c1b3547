"""What must hold for any bytes whatever: one function for each thing that reads bytes.

Each takes the bytes and raises AssertionError where a promise is broken; whatever else one raises
is a fault as well. The fuzzer looks for such bytes; the property tests try a few of their own.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Final

from resonance.agents.webhook.intake import Intake, of_cloudevents, of_shopify
from resonance.sentiment.privacy import mask_personal_data
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.text import TEXT_MAX_CODE_POINTS, clean, normalise
from resonance.streams.codec import Rejection, decode_log, decode_raw, encode_log, encode_raw
from resonance.streams.dead_letters import EXCERPT_CHARACTERS, dead_letter
from resonance.streams.events import Comment, Place, Purchase, Stage, Versions
from resonance.streams.importers.formats import NAMES, by_name, detect, read_events
from resonance.streams.importers.load import Summary
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Kinded, Skipped
from resonance.streams.importers.pieces import pieces_of
from resonance.streams.scoring import ScoringHop, Unscorable
from support.format_samples import LOG_RECORDS, RAW_RECORDS, SAMPLES

Promise = Callable[[bytes], None]

NOW_MS: Final = 1_700_000_000_000
PLACE: Final = Place("comments", 0, 0)
_scorer: Final = Scorer(tier="rules")
_hop: Final = ScoringHop(_scorer, bytes(32), Versions(*_scorer.versions))


def codec(data: bytes) -> None:
    """Decoding gives an event, which comes back the same, or a rejection that says little."""
    raw = decode_raw(data)
    if isinstance(raw, Rejection):
        letter = dead_letter(data, raw.reason, raw.at, topic="comments", partition=0, offset=0)
        assert len(letter.excerpt) <= EXCERPT_CHARACTERS
        assert letter.length == len(data)
    else:
        assert decode_raw(encode_raw(raw)) == raw
    logged = decode_log(data)
    if not isinstance(logged, Rejection):
        assert decode_log(encode_log(logged)) == logged


def scoring(data: bytes) -> None:
    """Whatever decodes is scored, and what scoring writes can be read by engagement."""
    raw = decode_raw(data)
    if isinstance(raw, Rejection):
        return
    (logged,) = _hop.score_all([(raw, PLACE)])
    assert not isinstance(logged, Unscorable), logged.fault
    assert decode_log(encode_log(logged)) == logged


def text(data: bytes) -> None:
    """Any text can be cleaned, normalised, masked and scored, and comes out bounded."""
    words = data.decode("utf-8", "surrogateescape")  # What is no text comes as lone surrogates.
    kept = clean(words)
    assert len(kept) <= TEXT_MAX_CODE_POINTS
    assert clean(kept) == kept
    assert len(normalise(words)) <= TEXT_MAX_CODE_POINTS
    mask_personal_data(kept).encode()
    _scorer.score_all([Request(words, (), ())])


def importer(name: str, data: bytes) -> None:
    """Every row of an input is an event that the codec takes, or says why it is none."""
    summary = Summary()
    outcomes = 0
    with suppress(BrokenFileError):
        for outcome in read_events(by_name(name), pieces_of(BytesIO(data)), Options(name="live")):
            outcomes += 1
            if isinstance(outcome, Skipped):
                assert outcome.line >= 1
                summary.skip("file", outcome)
            else:
                assert isinstance(outcome, Kinded | Comment | Purchase | Stage)
                event = summary.convert(outcome)
                _is_taken_by_the_codec(event)
    assert summary.rows == summary.converted + sum(summary.skipped.values()) == outcomes


def detection(data: bytes) -> None:
    """A head has a format that we know, or none."""
    assert detect(data) in {None, *NAMES}


def webhook(data: bytes) -> None:
    """A body becomes events that the codec takes, or says why it becomes none."""
    binary = {"ce-specversion": "1.0", "ce-id": "%C3%A4", "ce-source": "/", "ce-type": "x"}
    for taken in (
        of_shopify(data, Options(name="shop"), NOW_MS),
        of_cloudevents(data, {}, Options(name="shop"), NOW_MS),
        of_cloudevents(data, binary, Options(name="shop"), NOW_MS),
    ):
        _is_sound(taken)


def _is_sound(taken: Intake) -> None:
    for event in taken.events:
        assert event.ingested_at_ms == NOW_MS
        _is_taken_by_the_codec(event)
    assert taken.events or taken.skipped or taken.fault is None


def _is_taken_by_the_codec(event: Comment | Purchase | Stage) -> None:
    encoded = encode_raw(event)
    decoded = decode_raw(encoded)
    assert decoded == event, decoded


PROMISES: Final[dict[str, Promise]] = {
    "codec": codec,
    "scoring": scoring,
    "text": text,
    "detection": detection,
    "webhook": webhook,
    **{name: partial(importer, name) for name in NAMES},
}
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "codec": (*RAW_RECORDS, *LOG_RECORDS),
    "scoring": RAW_RECORDS,
    "text": (b"how much is shipping?", "めっちゃ可愛い 5555".encode(), b"call 081-234-5678 a@b.co"),
    "detection": tuple(SAMPLES.values()),
    "webhook": (SAMPLES["shopify"].splitlines()[0], SAMPLES["cloudevents"].splitlines()[0]),
    **{name: (sample,) for name, sample in SAMPLES.items()},
}
