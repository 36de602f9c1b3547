"""Rows of the `windows` topic: sums that a reader can add, and the shares they give.

A row is an overwrite: a function of its stream's events alone. Ratios are not in it; `measures`
derives them, so that a share and its n can never disagree.
"""

from typing import Final

import msgspec

from resonance.streams.events import schema_version

BUCKET_MS: Final = 10_000
ROOM: Final = "*"  # The market of a row that sums the whole room.
UNKNOWN_MARKET: Final = "unknown"
TOTAL: Final = "total"
UPTO_HEADER: Final = "upto"
ANSWER_BOUNDS_SECONDS: Final = (15, 30, 60, 120, 180, 300, 600, 1_200)


class FrictionSum(msgspec.Struct, frozen=True):
    """Friction of one category: how many comments, and the sum of their severities (1 to 3)."""

    count: int
    severity: int


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question of one market that waits for an answer: one, however often it was asked."""

    topic: str = ""  # Empty: none was found.
    product: str = ""
    asks: int
    askers: int  # Distinct viewers, up to 1 000.
    intents: int = 0  # Asks that also say that the viewer wants to buy.
    languages: tuple[str, ...] = ()
    first_asked_ms: int
    last_asked_ms: int
    asked_by: tuple[str, ...]  # Ids of the newest comments that ask it, at most 3.


class WindowRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What happened to one (stream, market) in one 10 s bucket, or since its start (`total`).

    Dicts leave out zeros and are in vocabulary order, so that equal sums are equal bytes.
    Everything under "unmasked" counts comments of viewers outside giveaways, votes, raids and
    duplicate bursts.
    """

    v: int = msgspec.field(default_factory=schema_version)
    stream: str
    market: str  # ISO 3166-1 alpha-2, "unknown", "other", or "*" for the room.
    start_ms: int | None = None  # The bucket's start in event time; absent on totals.

    comments: int = 0  # All of them: masked, and of hosts and moderators, too.
    staff_comments: int = 0  # Of hosts and moderators; in no share.
    masked: dict[str, int] = {}  # giveaway, vote, raid, duplicate.
    deleted_comments: int = 0
    # Of the room: stage events by action, less `viewers`, `caption` and `comment_deleted`.
    stage: dict[str, int] = {}
    late_comments: int = 0  # 3 s to 10 min late: in the sums, in no ordered measure.

    sentiment: dict[str, int] = {}  # Unmasked: negative, neutral, positive, unscored.
    signals: dict[str, int] = {}  # Unmasked.
    topics: dict[str, int] = {}  # Unmasked.
    complaint_topics: dict[str, int] = {}  # Unmasked complaints by topic, "none" without one.
    friction: dict[str, FrictionSum] = {}  # Unmasked.
    languages: dict[str, int] = {}  # All comments of viewers.
    market_sources: dict[str, int] = {}  # How the market of each viewer's comment was found.
    scorers: dict[str, int] = {}  # Which tier scored each viewer's comment.

    commenters: int = 0  # Distinct viewers: exact to 10 000, then HyperLogLog within 2 %.
    first_comments: int = 0  # A viewer's first comment in the stream.
    repeat_viewers: int = 0  # Viewers who came back after 10 min or more without a comment.
    # Buckets: distinct authors of unmasked comments in the minute and the three minutes that end
    # with this bucket, as {"1m": {"all": n, "negative": n, "complaint": n, "friction": n}, …}.
    authors: dict[str, dict[str, int]] = {}

    questions_opened: int = 0  # Question clusters that began here.
    questions_answered: int = 0  # Clusters that the host closed, in the bucket they were closed.
    questions_stale: int = 0
    # From the first ask to the answer, for clusters answered here: how many took at most so many
    # seconds (and more than the bound before), by `ANSWER_BOUNDS_SECONDS`, "more" beyond them.
    answer_seconds: dict[str, int] = {}
    questions_open: int = 0  # Totals: open now.
    question_oldest_ms: int | None = None  # Totals: when the oldest open one was first asked.
    # Totals of markets: the open ones that most want an answer, at most 10.
    open_questions: tuple[OpenQuestion, ...] = ()
    # Totals: viewers who asked, in the market where they first did; how many of them were
    # answered, bought afterwards, and bought after an answer: asked, answered, bought,
    # answered_bought.
    askers: dict[str, int] = {}

    purchases: dict[str, int] = {}  # paid, cancelled, refunded.
    units: int = 0
    buyers: int = 0
    amount_minor: dict[str, int] = {}  # Paid, by currency.
    refund_minor: dict[str, int] = {}  # Cancelled and refunded, by currency.

    # Only on the room's total.
    stream_markets: tuple[str, ...] = ()
    started_at_ms: int | None = None
    watermark_ms: int | None = None  # Event time up to which the stream is complete.
    ended: bool = False
    product: str | None = None  # The one on screen.
    viewers: int | None = None  # As the platform last said.
    too_late: int = 0
    duplicates: int = 0


def window_key(stream: str, market: str, start_ms: int | None) -> str:
    """Return the row's key, `stream|market|start_ms` or `stream|market|total`.

    >>> window_key("live|1", "US", None)
    'live%7C1|US|total'
    """
    safe = stream.replace("%", "%25").replace("|", "%7C")
    return f"{safe}|{market}|{TOTAL if start_ms is None else start_ms}"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(WindowRow)


def encode_row(row: WindowRow) -> bytes:
    """Return the row's canonical bytes: equal rows, equal bytes."""
    return _encoder.encode(row)


def decode_row(value: bytes) -> WindowRow:
    """Return the row; raises `msgspec.MsgspecError` on bytes that are no row."""
    return _decoder.decode(value)
