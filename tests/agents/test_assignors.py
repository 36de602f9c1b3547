"""Who holds state keeps its partitions; nobody is left out, and older workers are understood."""

from typing import Any

import pytest
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.archive import Archive
from resonance.agents.engagement import Engagement
from resonance.agents.ingest import assignor
from resonance.agents.scoring import Scoring

TOPIC = "events"


class Cluster:
    """As many partitions as a test asks for."""

    def __init__(self, partitions: int) -> None:
        self.partitions = set(range(partitions))

    def partitions_for_topic(self, topic: str) -> set[int]:
        return self.partitions if topic == TOPIC else set()

    def topics(self) -> set[str]:
        return {TOPIC}


class Members:
    """A group whose members come and go; each has the assignor of a consumer of its own."""

    def __init__(self, partitions: int) -> None:
        self._cluster = Cluster(partitions)
        self._assignors: dict[str, Any] = {}

    def deal(self, *names: str) -> dict[str, set[int]]:
        """Let these be the members; return what each has then."""
        present = {n: self._assignors.get(n) or assignor(Engagement) for n in names}
        said = {name: member.metadata([TOPIC]).encode() for name, member in present.items()}
        told = {n: ConsumerProtocolMemberMetadata.decode(text) for n, text in said.items()}
        dealt = present[names[0]].assign(self._cluster, told)
        for name, member in present.items():
            member.on_assignment(dealt[name])
        self._assignors = present  # Who is gone comes back as another.
        return {name: {p.partition for p in dealt[name].partitions()} for name in names}


@pytest.mark.parametrize("joins", ["0", "zz"])  # Before and after it, by name.
def test_who_stays_keeps_what_it_has_while_others_are_killed_and_come_again(joins):
    members = Members(4)
    held = members.deal("m", "other")["m"]
    assert members.deal("m", joins)["m"] == held
    assert members.deal("m")["m"] == {0, 1, 2, 3}
    kept = members.deal("m", "other")["m"]
    assert members.deal("m", joins + "again")["m"] == kept


@given(partitions=st.integers(1, 9), seen=st.lists(st.sets(st.sampled_from("abcde"), min_size=1)))
def test_every_partition_has_one_owner_and_shares_differ_by_one_at_most(partitions, seen):
    members = Members(partitions)
    for names in seen:
        dealt = members.deal(*sorted(names))
        assert sorted(p for held in dealt.values() for p in held) == list(range(partitions))
        sizes = [len(held) for held in dealt.values()]
        assert max(sizes) - min(sizes) <= 1


def test_two_consumers_of_one_process_do_not_share_what_they_hold():
    one, other = assignor(Engagement), assignor(Engagement)
    assert one is not other
    dealt = one.assign(Cluster(2), {"m": one.metadata([TOPIC])})
    one.on_assignment(dealt["m"])
    assert (len(one.member_assignment), other.member_assignment) == (2, None)


@pytest.mark.parametrize("leader", [assignor(Engagement), RangePartitionAssignor])
def test_workers_of_the_version_before_may_be_in_the_group_and_even_lead_it(leader):
    new, old = assignor(Engagement), RangePartitionAssignor
    assert new.name == old.name
    said = {"new": new.metadata([TOPIC]), "old": old.metadata([TOPIC])}
    dealt = leader.assign(Cluster(4), said)
    for name, member in (("new", new), ("old", old)):
        member.on_assignment(dealt[name])
    held = [{p.partition for p in dealt[name].partitions()} for name in said]
    assert [len(each) for each in held] == [2, 2]
    assert set.union(*held) == {0, 1, 2, 3}


@pytest.mark.parametrize("hop", [Scoring, Archive])
def test_without_state_partitions_of_a_number_stay_together(hop):
    assert assignor(hop) is RangePartitionAssignor
