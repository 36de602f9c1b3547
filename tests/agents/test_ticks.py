"""A tick says how far a source is scored, and never takes it back."""

from aiokafka import TopicPartition

from resonance.agents.ticks import SourceProgress

SOURCE = TopicPartition("demo.comments", 2)
NAMES = {"demo.comments": "comments"}


def owning(next_offset: int = 10) -> SourceProgress:
    progress = SourceProgress()
    progress.own({SOURCE: next_offset})
    return progress


def position(progress: SourceProgress) -> tuple[int, int]:
    (tick,) = progress.ticks(NAMES, 4)
    return tick.offset, tick.position_ms


def test_nothing_is_said_of_a_source_before_anything_is_known() -> None:
    assert owning().ticks(NAMES, 4) == []


def test_a_tick_names_the_topic_as_the_fold_knows_it() -> None:
    progress = owning()
    progress.caught_up(SOURCE, 10, asked_at_ms=5_000)
    (tick,) = progress.ticks(NAMES, 4)
    assert (tick.topic, tick.partition, tick.partitions) == ("comments", 2, 4)


def test_the_position_is_the_last_records_while_there_is_more_to_read() -> None:
    progress = owning()
    progress.scored(SOURCE, 11, appended_ms=3_000)
    assert position(progress) == (11, 3_000)


def test_the_position_is_the_clocks_when_there_was_nothing_more_to_read() -> None:
    progress = owning()
    progress.scored(SOURCE, 11, appended_ms=3_000)
    progress.caught_up(SOURCE, 11, asked_at_ms=9_000)
    assert position(progress) == (11, 9_000)


def test_a_position_never_goes_back_though_clocks_may() -> None:
    progress = owning()
    progress.caught_up(SOURCE, 10, asked_at_ms=9_000)
    progress.scored(SOURCE, 11, appended_ms=8_500)
    assert position(progress) == (11, 9_000)
    progress.caught_up(SOURCE, 11, asked_at_ms=8_000)
    assert position(progress) == (11, 9_000)


def test_partitions_that_were_given_up_are_no_longer_spoken_for() -> None:
    progress = owning()
    progress.caught_up(SOURCE, 10, asked_at_ms=5_000)
    progress.own({})
    assert progress.ticks(NAMES, 4) == []
    progress.own({SOURCE: 12})
    assert progress.ticks(NAMES, 4) == [], "what another worker did meanwhile is not known"
    assert progress.next_offset(SOURCE) == 12
