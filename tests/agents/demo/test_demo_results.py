"""From the scripted events to the printed result, through the pure hops and without a broker."""

import json
from random import Random

import pytest

from resonance.agents.demo import scenario
from resonance.agents.demo.recording import as_recording, topic_of
from resonance.agents.demo.results import Results
from resonance.agents.demo.running_order import MARKETS, Trouble
from resonance.sentiment.score import Scorer
from resonance.streams.events import Place, Stage, Versions
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.scoring import ScoringHop
from resonance.streams.windows import decode_row

START_MS = 1_700_000_000_000
SCORER = Scorer()


def rows_of(events):
    """Return (key, row, offset) of the whole stream, as one engagement worker writes them."""
    hop = ScoringHop(SCORER, bytes(32), Versions(code="1", model="rules", packs="-"))
    fold = PartitionFold(FoldSettings())
    recording = as_recording(events)
    for offset, event in enumerate(recording):
        fold.apply(offset, hop.score(event, Place(topic_of(event).name, 0, offset)))
    fold.advance()
    return [(key, decode_row(value), fold.offset) for key, value in fold.take_changed() if value]


def results_of(rows):
    results = Results(scenario.STREAM)
    for key, row, upto in rows:
        results.put(key, row, upto)
    return results


@pytest.fixture(scope="module")
def results():
    return results_of(rows_of(scenario.events(START_MS)))


def test_the_demo_shows_all_its_markets_and_ten_languages_or_more(results):
    shown = results.as_json()

    assert set(MARKETS) <= shown["markets"].keys()
    assert len([language for language in shown["languages"] if language != "und"]) >= 10
    assert sum(shown["languages"].values()) >= 1_500
    json.dumps(shown)


def test_every_market_has_orders_in_its_own_currency_and_questions(results):
    for market in MARKETS:
        row = results.markets()[market]
        assert len(row.amount_minor) == 1, market
        assert row.purchases["paid"] > 0
        assert row.signals["question"] > 0, market


def test_the_giveaway_and_the_burst_are_masked(results):
    room = results.room

    assert room is not None
    assert room.masked["giveaway"] > 150
    assert room.masked["duplicate"] > 20
    assert room.late_comments > 0
    assert room.duplicates > 0


@pytest.mark.parametrize("trouble", [Trouble(), Trouble("US", "shipping"), Trouble("BR")])
def test_the_incident_that_was_scripted_is_the_one_that_is_found(trouble):
    found = results_of(rows_of(scenario.events(START_MS, trouble=trouble))).incident()

    assert found is not None
    assert (found.market, found.topic) == (trouble.market, trouble.topic)
    assert abs(found.since_ms - START_MS - trouble.start_second * 1_000) <= 20_000


def test_rows_may_come_in_any_order_and_the_results_are_final_only_with_all_of_them(results):
    events = scenario.events(START_MS)
    sent = sum(not isinstance(event, Stage) for event in events)
    rows = rows_of(events)
    Random(3).shuffle(rows)

    assert results_of(rows).as_json() == results.as_json()
    assert results_of(rows).are_final(sent)
    assert not results_of(rows).are_final(sent + 1)
    last_market = next(key for key, row, _ in rows if key.endswith("|TH|total"))
    assert not results_of([row for row in rows if row[0] != last_market]).are_final(sent)


def test_an_older_row_never_replaces_a_newer_one():
    rows = rows_of(scenario.events(START_MS))
    results = results_of(rows)
    before = results.as_json()
    for key, row, upto in rows:
        results.put(key, type(row)(stream=row.stream, market=row.market), upto - 1)

    assert results.as_json() == before
