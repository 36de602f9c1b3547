"""A log scored anew: the difference is what the scorer makes of it, and nothing else."""

from resonance.sentiment.score import Scorer
from resonance.streams.events import ScoredComment, Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.changes import changed_windows
from resonance.streams.replaying.log import LogRecord, replay_log
from resonance.streams.replaying.rescoring import ScoreChanges, rescored
from support.log_events import Build, whole_file

TEXTS = ("is it authentic?", "too expensive, customs fees again", "love it", "size M please")


def a_log():
    build = Build()
    comments = [build.comment(f"c{n}", 5 + n, text=TEXTS[n % 4]) for n in range(40)]
    events = whole_file(build, comments)
    return [LogRecord(offset, event) for offset, event in enumerate(events)]


def anew(records):
    scorer = Scorer(tier="rules")
    return list(rescored(records, scorer, Versions(*scorer.versions)))


def changes_of(pairs):
    changes = ScoreChanges()
    for pair in pairs:
        changes.see(pair)
    return changes


def test_scored_a_second_time_by_the_same_scorer_nothing_changes():
    once = [after for _, after in anew(a_log())]
    pairs = anew(once)
    changes = changes_of(pairs)

    assert [before for before, _ in pairs] == [after for _, after in pairs]
    assert (changes.comments, changes.changed) == (40, 0)
    assert not any(changes.by_kind().values())
    rows = replay_log(once, FoldSettings()).rows
    assert changed_windows(rows, replay_log([a for _, a in pairs], FoldSettings()).rows) == []


def test_place_viewer_text_and_the_hash_of_repeated_texts_stay():
    for before, after in anew(a_log()):
        if isinstance(before.event, ScoredComment):
            for field in ("id", "place", "viewer", "text", "text_key", "occurred_at_ms"):
                assert getattr(before.event, field) == getattr(after.event, field)
            assert after.event.versions.model == "rules"
        else:
            assert before == after


def test_what_changes_is_named_by_label_and_by_window():
    pairs = anew(a_log())
    asked = changes_of(pairs).by_kind()["signals"]["question"]
    assert (asked.before, asked.after, asked.gained, asked.lost) == (0, 10, 10, 0)

    before = replay_log([pair[0] for pair in pairs], FoldSettings()).rows
    after = replay_log([pair[1] for pair in pairs], FoldSettings()).rows
    changed = {change.key: change.fields for change in changed_windows(before, after)}
    was, now = changed["live|*|total"]["signals"]
    assert was is None
    assert now["question"] == 10
