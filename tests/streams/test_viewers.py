"""Pseudonyms by epochs: who is whom within one, and nobody is anybody across two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.score import Scorer
from resonance.streams.events import Comment, LoggedPurchase, Place, Purchase, Versions
from resonance.streams.scoring import ScoringHop
from resonance.streams.viewers import Epoch, KeyRing, epoch_id, pseudonym
from support.format_samples import ENVELOPE

FIRST, SECOND, THIRD = b"1" * 32, b"2" * 32, b"3" * 32
RING = KeyRing.of(FIRST).rotated(SECOND, 1_000).rotated(THIRD, 2_000)


@pytest.mark.parametrize(
    ("ingested_at_ms", "key"),
    [(0, FIRST), (999, FIRST), (1_000, SECOND), (1_999, SECOND), (2_000, THIRD), (10**15, THIRD)],
)
def test_a_records_epoch_is_the_latest_that_had_begun_when_it_was_ingested(ingested_at_ms, key):
    found = RING.pseudonym("youtube", "UC1", ingested_at_ms)
    assert found == (pseudonym(key, "youtube", "UC1"), epoch_id(key))


@given(st.integers(0, 4_102_444_800_000), st.lists(st.integers(1, 10**12), unique=True, max_size=5))
def test_all_who_have_the_same_keys_agree_whatever_the_order_of_records(ingested_at_ms, begins):
    ring = KeyRing.of(FIRST)
    for number, from_ms in enumerate(sorted(begins)):
        ring = ring.rotated(bytes([number]) * 32, from_ms)
    again = KeyRing(tuple(Epoch(id=e.id, from_ms=e.from_ms, key=e.key) for e in ring.epochs))
    assert ring.at(ingested_at_ms) == again.at(ingested_at_ms)
    assert ring.at(ingested_at_ms).from_ms <= ingested_at_ms


def test_a_viewer_has_another_pseudonym_in_every_epoch():
    names = {found.viewer for found in RING.all_pseudonyms("youtube", "UC1")}
    assert len(names) == 3


def test_a_key_in_use_under_one_name_alone_is_not_told_by_it():
    assert epoch_id(FIRST) != epoch_id(SECOND)
    assert epoch_id(FIRST) not in FIRST.hex()


def test_a_destroyed_key_is_gone_with_all_before_it_and_its_time_goes_to_the_oldest_left():
    ring = RING.destroyed(epoch_id(SECOND))
    assert [epoch.key for epoch in ring.epochs] == [None, None, THIRD]
    assert ring.pseudonym("youtube", "UC1", 5).epoch == epoch_id(THIRD)
    assert len(ring.all_pseudonyms("youtube", "UC1")) == 1


@pytest.mark.parametrize(
    ("epoch", "said"), [("ffffffff", "no epoch"), (epoch_id(THIRD), "rotate first")]
)
def test_the_last_key_and_one_that_there_is_not_are_not_destroyed(epoch, said):
    with pytest.raises(ValueError, match=said):
        RING.destroyed(epoch)


def test_an_epoch_cannot_begin_before_the_last_one():
    with pytest.raises(ValueError, match="in order"):
        RING.rotated(b"4" * 32, 1_500)


def test_a_rotation_in_mid_stream_splits_a_viewer_in_two_and_the_records_say_so():
    scorer = Scorer(tier="rules")
    hop = ScoringHop(scorer, KeyRing.of(FIRST).rotated(SECOND, 2_000), Versions(*scorer.versions))

    def logged(ingested_at_ms):
        times = {"occurred_at_ms": ingested_at_ms, "ingested_at_ms": ingested_at_ms}
        comment = Comment(id="c", stream="s", viewer_id="UC1", text="hi", **{**ENVELOPE, **times})
        return hop.score(comment, Place("comments", 0, 0))

    before, also_before, after = logged(1_000), logged(1_999), logged(2_000)
    assert (before.viewer, before.viewer_epoch) == (also_before.viewer, also_before.viewer_epoch)
    assert before.viewer != after.viewer
    assert [before.viewer_epoch, after.viewer_epoch] == [epoch_id(FIRST), epoch_id(SECOND)]


def test_a_purchase_of_nobody_has_no_epoch():
    scorer = Scorer(tier="rules")
    hop = ScoringHop(scorer, FIRST, Versions(*scorer.versions))
    of_nobody = Purchase(
        id="p", order_id="o", state="paid", amount_minor=1, currency="EUR", **ENVELOPE
    )
    logged = hop.score(of_nobody, Place("purchases", 0, 0))
    assert isinstance(logged, LoggedPurchase)
    assert (logged.viewer, logged.viewer_epoch) == (None, "")
