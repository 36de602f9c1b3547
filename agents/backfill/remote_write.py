"""Series -> a Prometheus by remote write: at once, without its files, into its past.

Prometheus needs `--web.enable-remote-write-receiver` and `storage.tsdb.out_of_order_time_window`.
"""

import struct
from collections.abc import Iterator
from http.client import HTTPException
from itertools import islice
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import cramjam

from resonance.agents.backfill.series import Key, Sample, Series
from resonance.agents.errors import ServiceUnreachable, UsageError

BATCH_SAMPLES: Final = 10_000
TIMEOUT_SECONDS: Final = 30.0
HEADERS: Final = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_LENGTH_DELIMITED: Final = 2
_DOUBLE_OF_FIELD_1: Final = b"\x09"
_VARINT_OF_FIELD_2: Final = b"\x10"


def write(url: str, series: Series) -> None:
    """Send every sample. Raises `UsageError` when refused, `ServiceUnreachable` when not there.

    No refusal is tried again: 2.42 answers samples beyond its window with a 500, for ever.
    """
    if not url.startswith(("http://", "https://")):
        message = f"--remote-write {url}: give a URL, as in http://localhost:9090/api/v1/write"
        raise UsageError(message)
    for body in bodies(series):
        packed = bytes(cramjam.snappy.compress_raw(body))
        request = Request(url, packed, HEADERS)  # noqa: S310 - the scheme is looked at above.
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above.
                pass
        except HTTPError as error:
            with error:
                said = error.read(200).decode(errors="replace").strip()
            message = (
                f"{url} refuses with {error.code}: {said}. Does it have "
                "--web.enable-remote-write-receiver, and an out_of_order_time_window that reaches "
                "back to the stream?"
            )
            raise UsageError(message) from error
        except (URLError, HTTPException, OSError) as error:
            message = f"{url} does not answer: {error}"
            raise ServiceUnreachable(message) from error


def bodies(series: Series) -> Iterator[bytes]:
    """Yield `WriteRequest` messages, each series in order of time, of a bounded size."""
    part, count = b"", 0
    for key, samples in series.items():
        rest = iter(samples)
        while batch := list(islice(rest, BATCH_SAMPLES - count)):
            part += _field(1, _time_series(key, batch))
            count += len(batch)
            if count >= BATCH_SAMPLES:
                yield part
                part, count = b"", 0
    if part:
        yield part


def _time_series(key: Key, samples: list[Sample]) -> bytes:
    name = f"{key.family}_total" if key.kind == "counter" else key.family
    labels = sorted([("__name__", name), *key.labels])
    named = b"".join(
        _field(1, _field(1, label.encode()) + _field(2, value.encode())) for label, value in labels
    )
    return named + b"".join(_field(2, _sample(sample)) for sample in samples)


def _sample(sample: Sample) -> bytes:
    value = _DOUBLE_OF_FIELD_1 + struct.pack("<d", sample.value)
    return value + _VARINT_OF_FIELD_2 + _varint(sample.at_ms)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte.
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
