"""Stage events are counted where they fall, and only those that explain something."""

from typing import get_args

from resonance.streams.events import StageAction
from resonance.streams.fold.sums import STAGE_ACTIONS
from support.log_events import START_MS, file_rows


def test_stage_events_are_counted_by_action_in_the_rooms_bucket_and_total(build):
    rows = file_rows(
        build,
        [
            build.stage("product_shown", 12, product="mug"),
            build.stage("vote_started", 13),
            build.stage("product_shown", 14, product="lamp"),
            build.comment("a", 15),
            build.stage("giveaway_started", 31),
        ],
    )

    at = {s: rows[f"live|*|{START_MS + s * 1000}"].stage for s in (0, 10, 30)}
    assert at == {
        0: {"started": 1},
        10: {"product_shown": 2, "vote_started": 1},
        30: {"giveaway_started": 1},
    }
    total = rows["live|*|total"].stage
    assert list(total.items()) == [  # As the contract lists them.
        *(("started", 1), ("ended", 1)),
        *(("product_shown", 2), ("giveaway_started", 1), ("vote_started", 1)),
    ]
    assert not any(row.stage for row in rows.values() if row.market != "*")


def test_what_comes_every_few_seconds_and_what_is_deleted_is_no_stage_event(build):
    rows = file_rows(
        build,
        [
            build.stage("viewers", 21, viewers=9),
            build.stage("caption", 22, text="hello"),
            build.comment("a", 31),
            build.stage("comment_deleted", 32, target_id="a"),
        ],
    )

    assert rows["live|*|total"].stage == {"started": 1, "ended": 1}
    assert f"live|*|{START_MS + 20_000}" not in rows
    assert rows[f"live|*|{START_MS + 30_000}"].deleted_comments == 1


def test_every_action_of_a_stage_event_is_counted_or_left_out_on_purpose():
    assert {*STAGE_ACTIONS, "viewers", "caption", "comment_deleted"} == {*get_args(StageAction)}


def test_a_late_stage_event_corrects_its_bucket_and_one_too_late_none(build):
    rows = file_rows(
        build,
        [
            build.stage("raid_started", 2, late_s=30),
            build.stage("price", 3, late_s=601),
            build.comment("a", 40),
        ],
    )

    assert rows[f"live|*|{START_MS}"].stage == {"started": 1, "raid_started": 1}
    assert rows["live|*|total"].stage == {"started": 1, "ended": 1, "raid_started": 1}
