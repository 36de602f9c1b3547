"""Events as they travel: what producers send, and what the scoring hop writes.

Two unions, told apart by `kind`:

- `RawEvent` (topics `comments`, `purchases`, `stage`): comment, purchase, stage.
- `LogEvent` (topic `events`, the order of record): scored comment, purchase, stage, tick.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from resonance.sentiment.scores import Friction, Sentiment
from resonance.sentiment.vocabulary import ScorerTier, Signal, Topic

SCHEMA_VERSION: Final = 1

Identifier = Annotated[str, Meta(min_length=1, max_length=256)]
Milliseconds = Annotated[int, Meta(ge=0, le=4_102_444_800_000)]  # Up to the year 2100, in ms.
MinorUnits = Annotated[int, Meta(ge=0, le=10**15)]
# Their patterns are checked by `check_codes`: a comment names all markets and languages of its
# stream, and a regular expression for each would take longer than everything else.
Market = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=2,
        description="ISO 3166-1 alpha-2",
        extra_json_schema={"pattern": "^[A-Z]{2}$"},
    ),
]
LanguageTag = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=3,
        description="BCP 47 primary tag",
        extra_json_schema={"pattern": "^[a-z]{2,3}$"},
    ),
]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")]
Text = Annotated[str, Meta(max_length=65_536)]

Role = Literal["viewer", "host", "moderator"]
PurchaseState = Literal["paid", "cancelled", "refunded"]
MarketSource = Literal["declared", "order", "stream", "language", "unknown"]
StageAction = Literal[
    "started",
    "ended",
    "product_shown",
    "product_removed",
    "price",
    "stock",
    "giveaway_started",
    "giveaway_ended",
    "vote_started",
    "vote_ended",
    "raid_started",
    "raid_ended",
    "caption",
    "viewers",
    "comment_deleted",
]


def schema_version() -> Literal[1]:
    """Return the version we write; a factory, so that it is on the wire though it is a default."""
    return SCHEMA_VERSION


def check_codes(field: str, codes: str, *, upper: bool) -> None:
    """Raise ValueError, naming the field, unless all codes are letters of that case.

    `codes` are joined: their lengths are checked already.
    """
    right_case = codes.isupper() if upper else codes.islower()
    if codes and not (right_case and codes.isascii() and codes.isalpha()):
        example = "capital letters, as in US" if upper else "small letters, as in en"
        message = f"`{field}`: expected {example}"
        raise ValueError(message)


class Envelope(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every event carries. Times are UTC milliseconds since 1970."""

    v: Literal[1] = msgspec.field(default_factory=schema_version)
    id: Identifier
    platform: Identifier
    channel: Identifier
    occurred_at_ms: Milliseconds
    ingested_at_ms: Milliseconds


class Comment(Envelope, frozen=True, kw_only=True, tag="comment"):
    """One chat message, as a producer sends it. The raw viewer id ends at the scoring hop."""

    stream: Identifier
    viewer_id: Identifier
    role: Role = "viewer"
    text: Text
    market: Market | None = None
    stream_markets: tuple[Market, ...] = ()
    stream_languages: tuple[LanguageTag, ...] = ()
    reply_to: Identifier | None = None
    product: Identifier | None = None

    def __post_init__(self) -> None:
        """Check what the types alone would check slowly."""
        check_codes("market", self.market or "", upper=True)
        check_codes("stream_markets", "".join(self.stream_markets), upper=True)
        check_codes("stream_languages", "".join(self.stream_languages), upper=False)


class OrderLine(msgspec.Struct, frozen=True):
    """One product within a purchase."""

    product: Identifier
    units: Annotated[int, Meta(ge=0, le=1_000_000)]
    amount_minor: MinorUnits


class Purchase(Envelope, frozen=True, kw_only=True, tag="purchase"):
    """An order was paid, cancelled or refunded. No stream: it joins the channel's live one."""

    stream: Identifier | None = None
    order_id: Identifier
    state: PurchaseState
    lines: tuple[OrderLine, ...] = ()
    amount_minor: MinorUnits
    currency: Currency
    viewer_id: Identifier | None = None
    market: Market | None = None
    source: Identifier | None = None

    def __post_init__(self) -> None:
        """Check what the types alone would check slowly."""
        check_codes("market", self.market or "", upper=True)


class Stage(Envelope, frozen=True, kw_only=True, tag="stage"):
    """Something the host or the platform did: a product shown, a giveaway, the end.

    `sources` and `counts` are set by importers of finite files: on `started`, how many partitions
    of each topic carry the stream; on `ended`, how many of its events each topic got.
    """

    stream: Identifier
    action: StageAction
    product: Identifier | None = None
    text: Text | None = None
    viewers: Annotated[int, Meta(ge=0)] | None = None
    amount_minor: MinorUnits | None = None
    currency: Currency | None = None
    units: Annotated[int, Meta(ge=0)] | None = None
    target_id: Identifier | None = None
    stream_markets: tuple[Market, ...] = ()
    stream_languages: tuple[LanguageTag, ...] = ()
    source: Identifier | None = None
    sources: dict[str, int] | None = None
    counts: dict[str, int] | None = None

    def __post_init__(self) -> None:
        """Check what the types alone would check slowly."""
        check_codes("stream_markets", "".join(self.stream_markets), upper=True)
        check_codes("stream_languages", "".join(self.stream_languages), upper=False)


RawEvent = Comment | Purchase | Stage


class Place(msgspec.Struct, frozen=True):
    """Where a record was read: the topic's id (its name on a broker without ids) and position."""

    topic: str
    partition: int
    offset: int


class Versions(msgspec.Struct, frozen=True):
    """What produced a score, so that a changed number can be explained."""

    code: str
    model: str
    packs: str


class ScoredComment(Envelope, frozen=True, kw_only=True, tag="comment", rename={"place": "source"}):
    """A comment after scoring: masked text, pseudonymous viewer, everything its words say."""

    stream: Identifier
    viewer: str  # Keyed BLAKE2b of platform and viewer id, 16 hexadecimal digits.
    viewer_epoch: str = ""  # Of the key: pseudonyms of two epochs cannot be compared.
    role: Role = "viewer"
    text: str  # Personal data masked, at most 1 000 code points.
    text_key: int
    market: str  # ISO 3166-1 alpha-2, or "unknown".
    market_source: MarketSource
    stream_markets: tuple[str, ...] = ()
    reply_to: str | None = None
    product: str | None = None
    language: str
    sentiment: Sentiment
    signals: tuple[Signal, ...] = ()
    topics: tuple[Topic, ...] = ()
    friction: tuple[Friction, ...] = ()
    scorer: ScorerTier
    versions: Versions
    place: Place


class LoggedPurchase(Envelope, frozen=True, kw_only=True, tag="purchase"):
    """A purchase after scoring: as sent, but for the viewer, who is a pseudonym now."""

    stream: Identifier | None = None
    order_id: str
    state: PurchaseState
    lines: tuple[OrderLine, ...] = ()
    amount_minor: MinorUnits
    currency: Currency
    viewer: str | None = None
    viewer_epoch: str = ""
    market: str | None = None
    source: str | None = None
    place: Place


class LoggedStage(Stage, frozen=True, kw_only=True, tag="stage"):
    """A stage event after scoring: as sent, what a caption is about, and where it was read."""

    topics: tuple[Topic, ...] = ()
    place: Place


class Tick(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="tick"):
    """How far one source partition has been scored. Written twice a second, to every partition.

    `position_ms`: everything ingested before it has been scored. It is the append time of the last
    record read, or the clock's time when there was nothing left to read.
    """

    v: Literal[1] = msgspec.field(default_factory=schema_version)
    topic: str  # The source topic's name.
    partition: int
    partitions: int  # How many the source topic has.
    offset: int  # The next offset to read.
    position_ms: Milliseconds


LogEvent = ScoredComment | LoggedPurchase | LoggedStage | Tick

__all__ = [
    "SCHEMA_VERSION",
    "Comment",
    "Envelope",
    "LogEvent",
    "LoggedPurchase",
    "LoggedStage",
    "OrderLine",
    "Place",
    "Purchase",
    "RawEvent",
    "ScoredComment",
    "Stage",
    "Tick",
    "Versions",
]
