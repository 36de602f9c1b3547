"""A file that grows: each look that finds nothing new plays the next step of a script."""

import os

import pytest

from resonance.agents.importing import tail
from resonance.agents.importing.stop import Stop
from resonance.agents.importing.tail import GrowingFile, Waiting, pipe_pieces
from resonance.streams.importers.pieces import PIECE_BYTES


@pytest.fixture
def play(monkeypatch):
    """Return a function that reads while the steps happen, and what was said about it."""
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)

    def run(source, *steps):
        said, script, stop = [], iter(steps), Stop()

        def idle():
            next(script, stop.set)()

        waiting = Waiting(stop, idle, said.append)
        return [bytes(piece) for piece in source(waiting)], said

    return run


def growing(path):
    return lambda waiting: GrowingFile(path, waiting).pieces()


def appending(path, content):
    def step():
        with path.open("ab") as file:
            file.write(content)

    return step


def test_lines_come_as_they_are_written_and_a_partial_one_when_it_ends(tmp_path, play):
    path = tmp_path / "chat"
    path.write_bytes(b"one\ntw")
    pieces, said = play(
        growing(path), appending(path, b"o"), appending(path, b"\nthree\nfo"), lambda: None
    )
    assert pieces == [b"one\n", b"two\n", b"three\n"]
    assert said == []


def test_a_file_that_is_not_there_yet_is_waited_for_and_said_so_once(tmp_path, play):
    path = tmp_path / "chat"
    pieces, said = play(growing(path), lambda: None, lambda: None, appending(path, b"one\n"))
    assert pieces == [b"one\n"]
    assert said == [f"waiting for {path} to be created"]


def test_a_replaced_file_is_read_to_its_end_and_then_the_new_one(tmp_path, play):
    path = tmp_path / "chat"
    path.write_bytes(b"one\n")

    def rotate():
        appending(path, b"two\npart")()
        path.rename(tmp_path / "chat.1")
        path.write_bytes(b"three\n")

    pieces, said = play(growing(path), rotate, appending(path, b"four\n"))
    assert pieces == [b"one\n", b"two\n", b"part\n", b"three\n", b"four\n"]
    assert said == [f"{path} was replaced: going on with the new one"]


def test_lines_written_while_the_file_is_away_are_not_lost(tmp_path, play):
    path, moved = tmp_path / "chat", tmp_path / "chat.1"
    path.write_bytes(b"one\n")
    pieces, _ = play(
        growing(path),
        lambda: path.rename(moved),
        appending(moved, b"two\n"),
        appending(path, b"three\n"),
    )
    assert pieces == [b"one\n", b"two\n", b"three\n"]


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path, play):
    path = tmp_path / "chat"
    path.write_bytes(b"one\ntwo\nthr")
    pieces, said = play(growing(path), lambda: path.write_bytes(b"new\n"))
    assert pieces == [b"one\n", b"two\n", b"new\n"]
    assert said == [f"{path} was cut: going on from its beginning"]


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path, play):
    path = tmp_path / "chat"
    path.write_bytes(b"x" * (2 * PIECE_BYTES + 1))
    pieces, _ = play(growing(path))
    assert [len(piece) for piece in pieces] == [PIECE_BYTES, PIECE_BYTES]


def test_a_pipe_is_read_until_it_ends_and_its_last_line_needs_no_line_feed(play):
    reading, writing = os.pipe()
    steps = [
        lambda: os.write(writing, b"one\ntw"),
        lambda: os.write(writing, b"o\nthree"),
        lambda: os.close(writing),
    ]
    pieces, _ = play(lambda waiting: pipe_pieces(reading, waiting), *steps)
    os.close(reading)
    assert pieces == [b"one\n", b"two\n", b"three"]


def test_a_stop_ends_a_pipe_and_drops_the_line_that_is_not_whole(play):
    reading, writing = os.pipe()
    pieces, _ = play(
        lambda waiting: pipe_pieces(reading, waiting), lambda: os.write(writing, b"one\ntw")
    )
    os.close(reading)
    os.close(writing)
    assert pieces == [b"one\n"]
