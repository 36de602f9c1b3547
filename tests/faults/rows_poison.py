"""P: records that are no events, too big, made of hostile text, or all on one partition."""

import itertools
import random
import time
from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaException, Message

from faults.feed import producer_of
from faults.field import Field, Verdict
from faults.processes import rss_kib
from faults.reading import read_dead_letters, read_log
from faults.story import MARKETS, Draft, Stream, stamped
from resonance.agents.broker import provisioning
from resonance.streams.codec import encode_raw

MIB: Final = 1024 * 1024
POISON: Final[tuple[bytes | None, ...]] = (
    None,
    b"",
    b"\xff\xfe\x00 not text",
    b'{"kind": "comment", "id": "cut sho',
    b"[" * 60_000,
    b"[1, 2, 3]",
    b'{"kind": "telegram"}',
    b'{"kind": "comment", "v": 99}',
    b'{"kind": "comment", "id": "1"}',
    b'{"kind": "comment", "id": 7}',
    b'{"kind": "purchase", "amount_minor": 1e400}',
    b'{"kind": "comment", "occurred_at_ms": NaN}',
)
BOMBS: Final = (
    "Z" + "̵̖" * 12_000,  # Marks above and below, by turns: slow to normalise.
    "\u202e\u2066txet desrever" * 400,
    "ﷺ" * 15_000,  # Each becomes eighteen letters.
    "é" * 10_000,
    "a\x00b\x07" * 4_000,
    "👨‍👩‍👧‍👦" * 1_500,
    "🇺🇸" * 6_000,
)
LONG_AFTER_SECONDS: Final = 60.0


def p1(field: Field) -> Verdict:
    """One poisoned record in a hundred, and 10 000 in one go."""
    poisoned = Stream("poisoned", 4_000)
    feed = field.tell(poisoned)
    sent = send(field, list(itertools.islice(itertools.cycle(POISON), 40)))
    field.until(feed, 0.3)
    sent += send(field, list(itertools.islice(itertools.cycle(POISON), 10_000)))
    return _with_dead(field, poisoned, sent, "poison set aside")


def p2(field: Field) -> Verdict:
    """Events with bytes flipped, cut out and doubled: each is read or set aside, none is lost."""
    dice = random.Random(2)
    drafts = [d for d in Stream("mutated-stream", 5_000).drafts() if d.topic == "comments"]
    sent = send(field, [_mutated(draft, dice) for draft in drafts])
    topic_id = provisioning.check(field.settings).ids[f"{field.settings.topic_prefix}comments"]
    expected = {(m.partition(), m.offset()) for m in sent}
    verdict = Verdict(len(sent), len(expected), 0)

    def all_met() -> bool:
        logged = {p[1:] for p in read_log(field.settings).places if p[0] == topic_id}
        dead = _dead_places(field)
        verdict.got = len(expected & (logged | dead))
        verdict.note = f"{len(expected & dead)} set aside, {len(expected & logged)} read"
        # What scoring read, engagement may still find too late.
        if both := expected & logged & _dead_places(field, but="too_late"):
            verdict.faults = [f"{len(both)} both read and set aside"]
        time.sleep(0.5)
        return verdict.got == verdict.expected

    field.wait(all_met, "every record in `events` or `dead-letters`", LONG_AFTER_SECONDS)
    return verdict


def p3(field: Field) -> Verdict:
    """Comments of 60 000 characters, of 1 MiB, and one that the broker does not take."""
    scoring = field.processes["scoring"].pid
    before_kib = rss_kib(scoring)
    long = Stream("long", 300, texts=("long " * 12_000,), varieties=50)
    field.tell(long)
    huge = [b'{"kind":"comment","text":"' + b"x" * MIB + b'"}'] * 20
    sent = send(field, huge, compressed=True)
    try:
        send(field, [random.Random(3).randbytes(3 * MIB)], compressed=True)
        refused = False
    except KafkaException:
        refused = True
    verdict = _with_dead(field, long, sent, "of 1 MiB set aside")
    grown_mib = (rss_kib(scoring) - before_kib) / 1024
    verdict.note += f"; scoring {grown_mib:+.0f} MiB"
    if not refused:
        verdict.faults.append("the broker took a record of 3 MiB")
    letters = [x for x in read_dead_letters(field.settings) if x["reason"] == "too_large"]
    if not all(x["length"] > MIB and len(x["sha256"]) == 64 for x in letters):
        verdict.faults.append("a dead letter without its length and digest")
    return verdict


def p4(field: Field) -> Verdict:
    """Texts made to be slow or to mislead: marks by turns, right-to-left, NUL, surrogates."""
    bombs = Stream("bombs", 400, texts=BOMBS, varieties=50)
    field.tell(bombs)
    head = b'{"kind":"comment","id":"%d","platform":"p","channel":"c","stream":"lone",'
    tail = b'"viewer_id":"v","ingested_at_ms":9,"occurred_at_ms":9,"text":"\\ud800 \\udfff"}'
    sent = send(field, [(head % number) + tail for number in range(50)])
    return _with_dead(field, bombs, sent, "with lone surrogates set aside")


def p5(field: Field) -> Verdict:
    """Nine events in ten on one partition."""
    hot = Stream("hot", 9_000)
    others = [Stream(f"cool-{n}", 330, live=n == 0, jitter_ms=1_000) for n in range(3)]
    field.tell(hot, *others)
    return field.verdict([hot, *others])


def _mutated(draft: Draft, dice: random.Random) -> bytes:
    value = bytearray(encode_raw(stamped(draft, 1_700_000_000_000 + draft.at_ms)))
    for _ in range(dice.randrange(1, 4)):
        at, act = dice.randrange(len(value)), dice.randrange(3)
        if act == 0:
            value[at] ^= 1 << dice.randrange(8)
        elif act == 1:
            del value[at : at + dice.randrange(1, 9)]
        else:
            value[at:at] = value[at : at + dice.randrange(1, 9)]
        value = value or bytearray(b"{")
    return bytes(value)


def send(
    field: Field, values: Sequence[bytes | None], *, compressed: bool = False
) -> list[Message]:
    """Produce raw bytes to `comments`; return where each lies. Raises when one is refused."""
    sent: list[Message] = []
    errors: list[KafkaException] = []

    def delivered(error: object, message: Message) -> None:
        if error:
            errors.append(KafkaException(error))
        else:
            sent.append(message)

    more = {"message.max.bytes": 8 * MIB, "compression.type": "lz4"} if compressed else {}
    producer = producer_of(field.settings, **more)
    for number, value in enumerate(values):
        key = MARKETS[number % len(MARKETS)]
        producer.produce(
            f"{field.settings.topic_prefix}comments", value, key, on_delivery=delivered
        )
        producer.poll(0)
    producer.flush(60)
    if errors:
        raise errors[0]
    return sent


def _with_dead(field: Field, stream: Stream, sent: Sequence[Message], words: str) -> Verdict:
    """Return the verdict on a stream and on records that must all be dead letters, each once."""
    expected = {(m.partition(), m.offset()) for m in sent}
    verdict = field.verdict([stream])
    field.wait(lambda: expected <= _dead_places(field), f"{len(expected)} dead letters")
    verdict.note = f"{len(expected):,} {words}"
    return verdict


def _dead_places(field: Field, but: str = "") -> set[tuple[int, int]]:
    comments = f"{field.settings.topic_prefix}comments"
    letters = [x for x in read_dead_letters(field.settings) if x["topic"] == comments]
    return {(x["partition"], x["offset"]) for x in letters if x["reason"] != but}
