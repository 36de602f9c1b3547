"""Distinct counts: exact while small, within two per cent ever after."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.fold.distinct import EXACT_LIMIT, Distinct
from resonance.streams.fold.members import Members
from support.log_events import hash_of

KINDS = pytest.mark.parametrize("kind", [Distinct, Members])


def counted(kind, members: int, *, salt: str = ""):
    distinct = kind()
    for number in range(members):
        distinct.add(hash_of(f"{salt}{number}"))
    return distinct


@KINDS
@given(members=st.lists(st.integers(0, 2**64 - 1), max_size=300))
def test_small_sets_are_counted_exactly_however_often_a_member_comes(kind, members):
    distinct = kind()
    for member in [*members, *members]:
        distinct.add(member)

    assert distinct.count() == len(set(members))


@KINDS
def test_the_last_exact_size_is_exact(kind):
    assert counted(kind, EXACT_LIMIT).count() == EXACT_LIMIT
    assert counted(kind, EXACT_LIMIT).registers is None


@pytest.mark.parametrize("members", [EXACT_LIMIT + 1, 20_000, 40_000, 80_000, 160_000])
@pytest.mark.parametrize("salt", ["a", "b", "c"])
def test_beyond_it_the_estimate_is_within_two_per_cent(members, salt):
    distinct = counted(Distinct, members, salt=salt)

    assert distinct.exact is None
    assert counted(Members, members, salt=salt).registers == distinct.registers
    assert abs(distinct.count() - members) / members <= 0.02


@KINDS
def test_the_order_of_members_does_not_matter(kind):
    forwards, backwards = kind(), kind()
    members = [hash_of(str(n)) for n in range(EXACT_LIMIT + 500)]
    for member in members:
        forwards.add(member)
    for member in reversed(members):
        backwards.add(member)

    assert forwards == backwards


@pytest.mark.parametrize("members", [0, 5, EXACT_LIMIT + 1])
def test_a_packed_bucket_keeps_the_count(members):
    distinct = counted(Distinct, members)

    again = msgspec.msgpack.decode(msgspec.msgpack.encode(distinct), type=Distinct)

    assert again == distinct
    again.add(1)
    assert again.count() >= distinct.count()


# A turn: who comes, and whether a snapshot is taken then, and whether of all.
turns = st.lists(
    st.tuples(st.lists(st.integers(0, 200), max_size=150), st.booleans(), st.booleans())
)


@given(turns=turns)
def test_snapshots_hold_who_came_since_the_last_and_all_of_them_everybody(turns):
    members, restored = Members(), Members()
    for came, saved, whole in turns:
        for member in came:
            members.add(member)
        if saved:
            part = members.take_saved(whole=whole)
            assert whole or not {*part.members} & {*restored.exact}  # Each is saved once.
            if whole:
                restored = Members()
            restored.load(part)
            assert restored == members


def test_a_snapshot_of_many_holds_what_the_estimate_is_made_of():
    members, restored = counted(Members, EXACT_LIMIT - 10), Members()
    restored.load(members.take_saved(whole=False))
    for number in range(20):
        members.add(number)

    restored.load(members.take_saved(whole=False))

    assert restored == members
    assert members.registers is not None
