"""The queries of docs/archive.md run, and find what is there."""

import re
from pathlib import Path

import duckdb
import pytest

from resonance.agents.archiving.compacting import compact
from resonance.agents.archiving.store import Store
from resonance.sentiment.scores import Friction
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.erasure import ErasedViewers
from support.archives import archived, files
from support.log_events import MOODS, Build

PAGE = Path(__file__).parents[3] / "docs/archive.md"
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
COMPLAINTS, SHIPPING, FRICTION, ASKERS, LANGUAGES, ONCE = range(6)


@pytest.fixture
def ask(tmp_path):
    build = Build()
    asker = f"{7:016x}"
    log = [
        build.stage("started", 0),
        build.comment("a", 1, market="DE", signals=("complaint",), topics=("shipping",)),
        build.comment("b", 2, market="DE", text="never came", sentiment=MOODS["negative"],
                      signals=("complaint",), topics=("shipping",),
                      friction=(Friction("customs_regulation", 3, "customs"),)),
        build.comment("c", 62, signals=("question",), viewer=asker, language="es"),
        build.purchase("p", 70, viewer=asker, currency="EUR", amount_minor=500),
        build.purchase("before", 5, viewer=asker),
        build.stage("ended", 90),
        *build.ticks(400),
    ]  # fmt: skip
    store = Store(str(tmp_path))
    archived(store, log)

    def asked(number: int, *, twice: bool = False):
        if twice:  # As in the middle of a compaction.
            before = files(store)
            compact(store, "live", ErasedRows(ErasedViewers()))
            for path, content in before.items():
                store.put(path, content)
        with duckdb.connect() as connection:
            return connection.sql(QUERIES[number].replace("ARCHIVE", str(tmp_path))).fetchall()

    return asked


def test_every_query_of_the_page_is_asked_here():
    assert len(QUERIES) == ONCE + 1


def test_complaints_are_counted_by_market_and_minute(ask):
    assert [(market, count) for market, _, count in ask(COMPLAINTS)] == [("DE", 2)]


def test_the_worst_words_on_shipping_come_first(ask):
    assert [text for _, text, _ in ask(SHIPPING)] == ["never came", ""]


def test_friction_is_summed_by_category(ask):
    assert ask(FRICTION) == [("customs_regulation", 1, 3, "customs")]


def test_only_orders_after_the_question_count(ask):
    assert ask(ASKERS) == [("EUR", 1, 500)]


def test_languages_are_counted_across_streams(ask):
    assert ask(LANGUAGES) == [("live", "en", 2), ("live", "es", 1)]


def test_no_event_is_seen_twice_in_the_middle_of_a_compaction(ask):
    assert len(ask(ONCE, twice=True)) == 7
