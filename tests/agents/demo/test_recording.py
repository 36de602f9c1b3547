"""The demo's stream as a file: order, counts, and what the fold can know after each chunk."""

from collections import Counter

from resonance.agents.demo import scenario
from resonance.agents.demo.recording import CHUNK_EVENTS, as_recording, chunks, topic_of
from resonance.streams.events import Stage

START_MS = 1_700_000_000_000
EVENTS = scenario.events(START_MS)


def test_a_recording_holds_the_same_events_in_event_time_order():
    recording = as_recording(EVENTS)

    assert Counter(e.id for e in recording) == Counter(e.id for e in EVENTS)
    times = [event.occurred_at_ms for event in recording]
    assert times == sorted(times)


def test_its_markers_stand_first_and_last_and_count_every_record():
    first, *_, last = recording = as_recording(EVENTS)

    assert isinstance(first, Stage)
    assert isinstance(last, Stage)
    assert (first.action, last.action) == ("started", "ended")
    assert first.sources == {"comments": 1, "purchases": 1, "stage": 1}
    assert last.counts == Counter(topic_of(event).name for event in recording)


def test_a_chunk_promises_no_more_than_its_slowest_topic_has_reached():
    recording = as_recording(EVENTS)
    sent = 0
    for chunk, reached_ms in chunks(recording):
        assert len(chunk) <= CHUNK_EVENTS
        sent += len(chunk)
        last_by_topic = {topic_of(event).name: event.occurred_at_ms for event in recording[:sent]}
        if len(last_by_topic) == 3:
            assert reached_ms == min(last_by_topic.values())
        else:
            assert reached_ms is None
    assert sent == len(recording)
