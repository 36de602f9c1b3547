"""A log gives the same rows however it is cut into batches, also where clocks disagree."""

import random

from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.events import LogEvent
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from support.log_events import MOODS, Build, hash_of

TOPICS = ("comments", "purchases", "stage")


def live_log(seed: int) -> list[LogEvent]:
    """A live log whose producers' clocks lag: events come when their time has passed already."""
    dice, build = random.Random(seed), Build()
    log: list[LogEvent] = []
    if dice.random() < 0.7:
        log.append(build.stage("started", 0, stream_markets=("US", "DE")))
    for second in range(0, 900, 5):
        count = dice.randrange(3)
        log += [an_event(dice, build, f"{second}-{n}", second) for n in range(count)]
        log += [build.tick(topic, 0, second + dice.choice((0, 1, 4))) for topic in TOPICS]
    log += [build.stage("ended", 901), *build.ticks(1_000), *build.ticks(30_000)]
    return log


def an_event(dice: random.Random, build: Build, name: str, second: int) -> LogEvent:
    at_s = max(0, second - dice.choice((0, 1, 2, 3, 4, 8, 60, 599, 620)))
    late_s = min(second - at_s, dice.choice((0, 1, 3, 60, 599, 620)))  # By a clock that lags.
    kind = dice.randrange(12)
    if kind == 0:
        return build.purchase(name, at_s, late_s=late_s, stream=dice.choice(("live", None)))
    if kind == 1:
        action = dice.choice(("giveaway_started", "giveaway_ended", "product_shown"))
        return build.stage(action, at_s + dice.random(), late_s=late_s, product="serum")
    return build.comment(
        dice.choice((name, name, name, "again")),
        at_s,
        late_s=late_s,
        viewer=f"{hash_of(str(dice.randrange(9))):016x}",
        text_key=dice.randrange(3),
        market=dice.choice(("US", "DE", "FR")),
        sentiment=MOODS[dice.choice(tuple(MOODS))],
        signals=dice.choice(((), ("question",), ("complaint",))),
    )


def rows_in_batches(log: list[LogEvent], dice: random.Random, mean: int) -> dict[str, bytes | None]:
    fold = PartitionFold(FoldSettings(burst_size=3))
    rows: dict[str, bytes | None] = {}
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        if dice.randrange(mean) == 0:
            fold.advance()
            if mean == 1 or dice.randrange(3) == 0:
                rows |= dict(fold.take_changed())
    fold.advance()
    return rows | dict(fold.take_changed())


@given(seed=st.integers(0, 2**32))
def test_no_cut_into_batches_changes_a_row(seed):
    log = live_log(seed)
    one_by_one = rows_in_batches(log, random.Random(1), 1)
    at_random = rows_in_batches(log, random.Random(seed), 20)
    all_at_once = rows_in_batches(log, random.Random(1), 10**9)

    assert one_by_one == at_random
    assert one_by_one == all_at_once


def test_an_answer_in_another_market_than_the_viewers_first_writes_that_total_again(build):
    ask = {"viewer": f"{7:016x}", "signals": ("question",), "market_source": "declared"}
    log: list[LogEvent] = [
        build.stage("started", 0),
        build.comment("q1", 1, market="US", topics=("price",), **ask),
        *build.ticks(10),
        build.comment("q2", 11, market="DE", topics=("shipping",), **ask),
        *build.ticks(20),
        build.comment("h", 21, role="host", topics=("shipping",)),
        *build.ticks(30),
    ]

    rows = rows_in_batches(log, random.Random(1), 1)
    assert rows == rows_in_batches(log, random.Random(1), 10**9)
