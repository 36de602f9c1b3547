"""The hops in a simulated world: nothing breaks, planted bugs are found, a seed replays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.mutants import MUTANTS, planted
from simulation.plan import CRASH_STEPS, PLANS_OF_A_STORY, drawn_plan
from simulation.reference import told
from simulation.runner import run_all, run_here
from simulation.schedule import Schedule
from simulation.shrinking import is_broken, shrunk

SCHEDULES = 2_000
SEEDS_FOR_A_BUG = 600
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tally():
    return run_all(range(SCHEDULES), 2, lambda _: None)


def test_no_schedule_breaks_a_promise(tally):
    assert tally.schedules == SCHEDULES
    assert not tally.broken, f"make simulate ARGS='--seed {min(tally.broken)} --trace'"


def test_workers_have_died_after_every_step(tally):
    assert set(CRASH_STEPS) <= tally.crashes.keys()


def test_every_schedule_has_fifty_events_a_crash_and_a_duplicate():
    for seed in range(100):
        outcome = Schedule(drawn_plan(seed)).run()
        sent = outcome.told.sent
        assert len(sent) >= 50
        assert any(one.fate == "duplicate" for one in sent)
        assert outcome.crashes


@pytest.mark.parametrize("bug", MUTANTS)
def test_a_planted_bug_is_found(bug):
    with planted(bug):
        assert any(run_here(range(s, s + 10)).broken for s in range(0, SEEDS_FOR_A_BUG, 10))


def test_what_was_planted_is_gone_afterwards():
    with planted("commit before ack"):
        assert run_here(range(10)).broken
    assert not run_here(range(10)).broken


def test_a_failing_schedule_shrinks_to_one_that_fails_too():
    with planted("commit before ack"):
        seed = min(run_here(range(10)).broken)
        least = shrunk(drawn_plan(seed))
        assert is_broken(least)
        assert len(least.faults()) <= len(drawn_plan(seed).faults())
        assert least.events < drawn_plan(seed).events
    assert not is_broken(least)


def replayed(seed: int, hash_seed: str) -> bytes:
    """Return what a process prints of a replay; sets and dicts of text have other orders in it."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "simulation", "--seed", str(seed), "--trace"]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def test_a_seed_replays_byte_for_byte():
    first = replayed(7, "1")
    assert first == replayed(7, "2")
    assert first.count(b"\n") > 300
    assert first != replayed(8, "1")


def test_a_story_tells_of_late_and_refused_events_too():
    stories = [told(drawn_plan(seed).tale()) for seed in range(0, 240, PLANS_OF_A_STORY)]
    fates = {one.fate for story in stories for one in story.sent}
    assert fates == {"counted", "duplicate", "too_late", "refused", "poison"}


def test_seeds_of_one_story_play_different_faults_over_it():
    plans = [drawn_plan(seed) for seed in range(PLANS_OF_A_STORY)]
    assert len({plan.tale() for plan in plans}) == 1
    assert len({plan.crashes for plan in plans}) > 1
    assert drawn_plan(PLANS_OF_A_STORY).tale() != plans[0].tale()
