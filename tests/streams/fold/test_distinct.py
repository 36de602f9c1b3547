"""Distinct counts: exact while small, within two per cent ever after."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.fold.distinct import EXACT_LIMIT, Distinct
from support.log_events import hash_of


def counted(members: int, *, salt: str = "") -> Distinct:
    distinct = Distinct()
    for number in range(members):
        distinct.add(hash_of(f"{salt}{number}"))
    return distinct


@given(st.lists(st.integers(0, 2**64 - 1), max_size=300))
def test_small_sets_are_counted_exactly_however_often_a_member_comes(members):
    distinct = Distinct()
    for member in [*members, *members]:
        distinct.add(member)

    assert distinct.count() == len(set(members))


def test_the_last_exact_size_is_exact():
    assert counted(EXACT_LIMIT).count() == EXACT_LIMIT
    assert counted(EXACT_LIMIT).exact is not None


@pytest.mark.parametrize("members", [EXACT_LIMIT + 1, 20_000, 40_000, 80_000, 160_000])
@pytest.mark.parametrize("salt", ["a", "b", "c"])
def test_beyond_it_the_estimate_is_within_two_per_cent(members, salt):
    distinct = counted(members, salt=salt)

    assert distinct.exact is None
    assert abs(distinct.count() - members) / members <= 0.02


def test_the_order_of_members_does_not_matter():
    forwards, backwards = Distinct(), Distinct()
    members = [hash_of(str(n)) for n in range(EXACT_LIMIT + 500)]
    for member in members:
        forwards.add(member)
    for member in reversed(members):
        backwards.add(member)

    assert forwards == backwards


@pytest.mark.parametrize("members", [0, 5, EXACT_LIMIT + 1])
def test_a_snapshot_keeps_the_count(members):
    distinct = counted(members)

    again = msgspec.msgpack.decode(msgspec.msgpack.encode(distinct), type=Distinct)

    assert again == distinct
    again.add(1)
    assert again.count() >= distinct.count()
