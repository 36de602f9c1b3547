"""Whatever the bytes: decoders, importers, webhook and scoring keep their promises.

The promises themselves, and the fuzzer that looks for what breaks them, are in tests/fuzz.
"""

import importlib.util
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resonance.streams.importers.formats import NAMES
from support.format_samples import RAW_RECORDS, SAMPLES

_PLACE = Path(__file__).parents[1] / "fuzz/promises.py"
_SPEC = importlib.util.spec_from_file_location("promises", _PLACE)
promises = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(promises)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
VALUES = [b"null", b"[]", b"{}", b"-1", b"1e400", b"NaN", b'""', b"9" * 30, b'"\\ud800"', b"1.5"]
MARKS = [b"[" * 2_000, b"{" * 9, b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\n", b'"', b"\\u0000"]
JUNK = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([*VALUES, *MARKS]))
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), JUNK), min_size=1, max_size=4
)

FIELDS = sorted({name for record in RAW_RECORDS for name in msgspec.json.decode(record)})


def mutated(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, junk in edits:
        at = int(place * (len(content) + 1))
        content = content[:at] + junk + content[at + removed :]
    return content


def test_every_format_has_a_sample_and_a_promise() -> None:
    assert SAMPLES.keys() == set(NAMES)
    assert promises.PROMISES.keys() == promises.SEEDS.keys() >= set(NAMES)


@pytest.mark.parametrize("name", promises.PROMISES)
def test_a_promise_is_kept_for_the_samples_themselves(name: str) -> None:
    for seed in promises.SEEDS[name]:
        promises.PROMISES[name](seed)


@pytest.mark.parametrize("name", promises.PROMISES)
@settings(max_examples=60)
@given(data=st.data(), edits=EDITS)
def test_a_promise_is_kept_for_every_mutation(name: str, data: st.DataObject, edits: list) -> None:
    seed = data.draw(st.sampled_from(promises.SEEDS[name]))
    promises.PROMISES[name](mutated(seed, edits))


@pytest.mark.parametrize("name", promises.PROMISES)
@settings(max_examples=40)
@given(noise=st.binary(max_size=300))
def test_a_promise_is_kept_for_noise(name: str, noise: bytes) -> None:
    promises.PROMISES[name](noise)


@settings(max_examples=200)
@given(value=JSON, field=st.sampled_from(FIELDS))
def test_any_value_in_any_field_gives_an_event_or_a_rejection(value: object, field: str) -> None:
    for record in promises.SEEDS["codec"]:
        changed = msgspec.json.decode(record) | {field: value}
        promises.PROMISES["codec"](msgspec.json.encode(changed))


@pytest.mark.parametrize("name", promises.PROMISES)
def test_a_broken_promise_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> object:
        raise ZeroDivisionError

    for needed in ("clean", "decode_raw", "read_events", "detect", "of_shopify"):
        monkeypatch.setattr(promises, needed, broken)
    with pytest.raises(ZeroDivisionError):
        promises.PROMISES[name](promises.SEEDS[name][0])
