"""D: events that come twice, out of order, late, with a wrong clock, or on one partition alone."""

import time
from typing import Final

from faults.field import Field, Verdict
from faults.reading import read_dead_letters
from faults.story import Stream
from support.engine import produce_raw

DAY_MS: Final = 24 * 3_600_000
NOT_TIMES: Final = (b"NaN", b"1e400", b'"yesterday"', b"-1", b"null")


def d1(field: Field) -> Verdict:
    """Send every event twice or three times, across a restart of both hops."""
    again = Stream("again", 3_000, copies=1.3)
    feed = field.tell(again)
    field.until(feed, 0.5)
    field.restart("scoring")
    field.restart("engagement")
    return field.verdict([again])


def d2(field: Field) -> Verdict:
    """Let events come out of order, within the lateness that is allowed."""
    shuffled = Stream("shuffled", 4_000, live=True, jitter_ms=3_000, late=0, too_late=0)
    field.tell(shuffled, per_second=600)
    return field.verdict([shuffled])


def d3(field: Field) -> Verdict:
    """Let a tenth come late, half of it too late to be counted."""
    before = _dead(field, "too_late")
    late = Stream("late", 4_000, late=0.05, too_late=0.05)
    field.tell(late)
    verdict = field.verdict([late])
    limit_ms = 600_000
    due = {
        one.event.id
        for one in late.told
        if one.event.ingested_at_ms - one.event.occurred_at_ms > limit_ms
    }
    set_aside = _dead(field, "too_late") - before
    verdict.note = f"{set_aside} too late, set aside"
    if set_aside != len(due):
        verdict.faults.append(f"{set_aside} dead letters say too_late, expected {len(due)}")
    return verdict


def d4(field: Field) -> Verdict:
    """Send times of tomorrow, of 1970, in seconds, and none at all; a neighbour goes on."""
    now_ms = int(time.time() * 1000)
    skews = (-DAY_MS, now_ms, now_ms - now_ms // 1000)
    skewed = Stream("skewed", 2_000, live=True, skews=skews, copies=0)
    neighbour = Stream("neighbour", 2_000, live=True, jitter_ms=2_000)
    before = _dead(field, "invalid_field", "not_json")
    field.tell(skewed, neighbour, per_second=600)
    head = b'{"kind":"comment","id":"x","platform":"p","channel":"c","stream":"s","viewer_id":"v",'
    broken = [
        head + b'"text":"t","ingested_at_ms":1,"occurred_at_ms":' + t + b"}" for t in NOT_TIMES
    ]
    produce_raw(field.settings, [("comments", b"c", value) for value in broken])
    verdict = field.verdict([skewed, neighbour])
    set_aside = _dead(field, "invalid_field", "not_json") - before
    verdict.note = f"+1 day, 1970, seconds; {set_aside} times that are none, set aside"
    if set_aside != len(broken):
        verdict.faults.append(f"{set_aside} of {len(broken)} records without a time set aside")
    return verdict


def d5(field: Field) -> Verdict:
    """Feed one partition of four: the watermark goes on without the others."""
    alone = Stream("alone", 2_000, live=True)
    field.tell(alone, per_second=400)
    return field.verdict([alone])


def _dead(field: Field, *reasons: str) -> int:
    return sum(letter["reason"] in reasons for letter in read_dead_letters(field.settings))
