"""Chat tools' files while they grow: each comment leaves with its line."""

import pytest

from resonance.agents.importing.live import LiveInput
from resonance.streams.events import Comment
from resonance.streams.importers.options import Options
from support.chat_samples import RECORDER_XML, SAMPLES, lines, twitch

GROWING = {name: SAMPLES[name] for name in ("yt-dlp", "tiktok", "douyin", "bilibili")} | {
    "twitch": lines(twitch(1.0), twitch(2.0))
}


class Growing:
    """Lines of a file as they are written, and what was sent before each."""

    def __init__(self, content):
        self._content = content
        self.sent = []
        self.input = LiveInput(
            Options(name="live"),
            times="arrival",
            now_ms=lambda: 1_800_000_000_000,
            send=self.sent.append,
            say=lambda _: None,
        )
        self.sent_before = []

    def __iter__(self):
        for line in self._content.splitlines(keepends=True):
            self.sent_before.append(self.comments)
            yield line

    @property
    def comments(self):
        return [event for event in self.sent if isinstance(event, Comment)]


@pytest.mark.parametrize("name", GROWING)
def test_every_tools_comments_leave_before_the_next_line_is_read(name):
    growing = Growing(GROWING[name])
    growing.input.follow(growing)
    assert growing.input.summary.formats == [name]
    assert growing.comments
    alone = [len(comments) for comments in growing.sent_before]
    assert max(alone) >= len(growing.comments) - 1
    assert {comment.occurred_at_ms for comment in growing.comments} == {1_800_000_000_000}


def test_a_recorder_that_starts_again_is_followed_into_its_new_file():
    growing = Growing(RECORDER_XML.rpartition(b"</i>")[0] + RECORDER_XML)
    growing.input.follow(growing)
    assert [comment.text for comment in growing.comments] == ["多少钱 <3", "包邮吗", "支持"] * 2
    assert growing.input.summary.skipped_kinds == {"gift": 2, "guard": 2}
