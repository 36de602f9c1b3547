"""Webcast messages to events: the same for TikTok and Douyin."""

from collections.abc import Callable, Iterator
from typing import Final

from resonance.streams.importers import webcast
from resonance.streams.importers.fields import object_of
from resonance.streams.importers.kinds import ANONYMOUS, KindedRows
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Skipped
from resonance.streams.importers.retractions import RecentComments
from resonance.streams.importers.webcast import Message

# Douyin shows every viewer who is not logged in under this id.
ANONYMOUS_ID: Final = "111111"
TITLE_CHARACTERS: Final = 256


class WebcastReader:
    """Reads the rows of one input."""

    def __init__(self, options: Options, platform: str) -> None:
        self._rows = KindedRows(options, platform=platform)
        self._recent = RecentComments()
        self._latest_ms: int | None = None  # Some kinds have no time: it is the one before.
        self._handlers: dict[str, Callable[[Message, int, bytes], Iterator[Kinded | Skipped]]] = {
            **dict.fromkeys(webcast.COMMENTS, self._comment),
            **dict.fromkeys(webcast.VIEWERS, self._viewers),
            **dict.fromkeys(webcast.PRODUCTS, self._product),
            **dict.fromkeys(webcast.DELETIONS, self._deletions),
            **dict.fromkeys(webcast.GIFTS, self._gift),
            **dict.fromkeys(webcast.ENDS | webcast.CONTROLS, self._end),
            **dict.fromkeys(webcast.OTHERS, self._left_out),
        }

    def outcomes(self, line: int, item: bytes | None) -> Iterator[Kinded | Skipped]:
        """Yield what becomes of one row: one outcome for each of its messages."""
        row = object_of(line, item)
        if isinstance(row, Skipped):
            yield self._rows.skip(row)
            return
        messages = webcast.messages(row)
        if not messages:
            yield self._rows.leave_out("empty_envelope", line)
        for message in messages:
            self._latest_ms = message.sent_ms or self._latest_ms
            handle = self._handlers.get(message.kind)
            if handle is None:
                yield self._rows.unknown(message.name, line)
            else:
                yield from handle(message, line, item or b"")

    def _comment(self, message: Message, line: int, raw: bytes) -> Iterator[Kinded | Skipped]:
        viewer_id = message.viewer_id
        if message.text is None:
            yield self._rows.leave_out(f"{message.name}_without_words", line)
            return
        fields = {
            "id": message.message_id,
            "occurred_at_ms": message.sent_ms or self._latest_ms,
            "viewer_id": ANONYMOUS if viewer_id == ANONYMOUS_ID else viewer_id,
            "role": message.role,
            "text": message.text,
        }
        outcome = self._rows.become(message.name, "comment", fields, line=line, raw=raw)
        if isinstance(outcome, Kinded) and viewer_id:
            self._recent.note(viewer_id, outcome.event.id)
        yield outcome

    def _viewers(self, message: Message, line: int, raw: bytes) -> Iterator[Kinded | Skipped]:
        if message.viewers is None:
            yield self._rows.leave_out(message.name, line)
        else:
            yield self._stage("viewers", message, line, raw, viewers=message.viewers)

    def _product(self, message: Message, line: int, raw: bytes) -> Iterator[Kinded | Skipped]:
        product_id, title = message.product()
        if product_id is None and title is None:
            yield self._rows.leave_out(message.name, line)
            return
        product = product_id or (title or "")[:TITLE_CHARACTERS]
        yield self._stage("product_shown", message, line, raw, product=product, text=title)

    def _deletions(self, message: Message, line: int, raw: bytes) -> Iterator[Kinded | Skipped]:
        targets, authors = message.deleted()
        targets += [target for author in authors for target in self._recent.take(author)]
        if not targets:
            yield self._rows.leave_out(message.name, line)
        for target_id in targets:
            # The message's own id is of one event only, and this can be several.
            yield self._stage("comment_deleted", message, line, raw, id=None, target_id=target_id)

    def _gift(self, message: Message, line: int, _: bytes) -> Iterator[Kinded | Skipped]:
        yield self._rows.leave_out("gift_in_streak" if message.in_streak else "gift", line)

    def _end(self, message: Message, line: int, raw: bytes) -> Iterator[Kinded | Skipped]:
        if message.ends:
            yield self._stage("ended", message, line, raw)
        else:
            yield self._rows.leave_out(message.name, line)

    def _left_out(self, message: Message, line: int, _: bytes) -> Iterator[Kinded | Skipped]:
        yield self._rows.leave_out(message.name, line)

    def _stage(
        self, action: str, message: Message, line: int, raw: bytes, **fields: object
    ) -> Kinded | Skipped:
        given = {
            "id": message.message_id,
            "occurred_at_ms": message.sent_ms or self._latest_ms,
            "action": action,
        }
        return self._rows.become(message.name, "stage", given | fields, line=line, raw=raw)
