"""The scoring hop on events: what goes in, what goes on, and what must not."""

from collections.abc import Sequence

import msgspec
import pytest

from resonance.sentiment.language.markets import MARKET_LANGUAGES
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.scores import Score
from resonance.streams.codec import encode_log
from resonance.streams.events import Comment, Place, Purchase, Stage, Versions
from resonance.streams.markets import attribute_market
from resonance.streams.scoring import ScoringHop, Unscorable, clamp_occurred_ms
from resonance.streams.viewers import pseudonym

KEY = bytes(range(32))
PLACE = Place("topic-id", 2, 7)
INGESTED_MS = 1_700_000_000_000
ENVELOPE = {
    "id": "e1",
    "platform": "youtube",
    "channel": "shop",
    "stream": "live",
    "occurred_at_ms": INGESTED_MS,
    "ingested_at_ms": INGESTED_MS,
}
ORDER = {"order_id": "o1", "state": "paid", "amount_minor": 1, "currency": "USD"}


@pytest.fixture(scope="module")
def hop() -> ScoringHop:
    return ScoringHop(Scorer(), KEY, Versions("1", "rules", "0"))


def comment(**changes: object) -> Comment:
    return msgspec.structs.replace(
        Comment(**ENVELOPE, viewer_id="UC_someone", text="where is my parcel??"), **changes
    )


def test_the_raw_viewer_id_ends_here(hop):
    purchase = Purchase(**ENVELOPE, **ORDER, viewer_id="UC_someone")
    for event in (comment(), purchase):
        value = encode_log(hop.score(event, PLACE))
        assert b"UC_someone" not in value
        assert pseudonym(KEY, "youtube", "UC_someone").encode() in value


def test_personal_data_is_masked_in_comments_evidence_and_captions(hop):
    mail = "write to jane.doe@example.com"
    stage = Stage(**ENVELOPE, action="caption", text=mail)

    for event in (comment(text=mail), stage):
        assert b"jane.doe" not in encode_log(hop.score(event, PLACE))


def test_a_caption_is_told_by_its_topics_and_no_other_stage_event_is(hop):
    said = "shipping to Germany is free and takes five days"
    topics = {
        action: hop.score(Stage(**ENVELOPE, action=action, text=said), PLACE).topics
        for action in ("caption", "product_shown")
    }

    assert "shipping" in topics["caption"]
    assert topics["product_shown"] == ()


def test_the_place_where_it_was_read_goes_with_every_event(hop):
    stage = Stage(**ENVELOPE, action="started", sources={"comments": 1})

    logged = hop.score(stage, PLACE)

    assert logged.place == PLACE
    assert logged.sources == {"comments": 1}
    assert msgspec.json.decode(encode_log(hop.score(comment(), PLACE)))["source"] == {
        "topic": "topic-id",
        "partition": 2,
        "offset": 7,
    }


def events_of_all_kinds(*texts: str) -> list[tuple[object, Place]]:
    events: list[object] = [comment(text=text, stream_markets=("US", "DE")) for text in texts]
    events.insert(1, Stage(**ENVELOPE, action="started", sources={"comments": 1}))
    events.insert(3, Purchase(**ENVELOPE, **ORDER))
    return [(event, Place("topic-id", 2, offset)) for offset, event in enumerate(events)]


def test_a_batch_is_scored_as_each_event_alone(hop):
    events = events_of_all_kinds(
        "where is my parcel??", "was kostet der Versand", "so cute", "so cute", "❤", "关税多少", ""
    )
    assert hop.score_all(events) == [hop.score(event, place) for event, place in events]
    assert hop.score_all([]) == []


class Brittle:
    """A scorer that one text breaks, with all that is scored beside it."""

    def score_all(self, requests: Sequence[Request]) -> list[Score]:
        if any("poison" in request.text for request in requests):
            raise RecursionError(requests)
        return Scorer(tier="rules").score_all(requests)


def test_a_comment_that_breaks_the_scorer_is_a_value_and_spoils_no_other():
    hop = ScoringHop(Brittle(), KEY, Versions("1", "rules", "0"))
    logged = hop.score_all(events_of_all_kinds("so cute", "poison", "how much?"))
    assert [type(event).__name__ for event in logged] == [
        *("ScoredComment", "LoggedStage", "Unscorable", "LoggedPurchase", "ScoredComment")
    ]
    assert logged[2] == Unscorable("RecursionError")
    assert [logged[0].place.offset, logged[4].place.offset] == [0, 4]


@pytest.mark.parametrize(
    ("occurred_after_s", "clamped_s"), [(0, 0), (-3_600, -3_600), (-3_601, -3_600), (5, 5), (6, 5)]
)
def test_event_time_is_kept_within_an_hour_before_and_five_seconds_after(
    occurred_after_s, clamped_s
):
    assert clamp_occurred_ms(INGESTED_MS + occurred_after_s * 1000, INGESTED_MS) == (
        INGESTED_MS + clamped_s * 1000
    )


@pytest.mark.parametrize(
    ("declared", "markets", "language", "expected"),
    [
        ("FR", ("US", "DE"), "de", ("FR", "declared")),
        (None, ("US",), "de", ("US", "stream")),
        (None, ("US", "DE"), "de", ("DE", "language")),
        (None, ("US", "GB"), "en", ("unknown", "unknown")),
        (None, ("US", "DE"), "fr", ("unknown", "unknown")),
        (None, ("US", "DE"), "und", ("unknown", "unknown")),
        (None, (), "de", ("unknown", "unknown")),
    ],
)
def test_the_market_is_the_first_that_applies(declared, markets, language, expected):
    assert attribute_market(declared, markets, language) == expected


def test_a_market_table_holds_codes_only():
    for market, languages in MARKET_LANGUAGES.items():
        assert len(market) == 2, market
        assert market.isupper(), market
        assert languages, market


def test_pseudonyms_differ_by_key_platform_and_viewer_and_by_nothing_else():
    names = {
        pseudonym(KEY, "youtube", "a"),
        pseudonym(KEY, "twitch", "a"),
        pseudonym(KEY, "youtube", "b"),
        pseudonym(bytes(32), "youtube", "a"),
    }
    assert len(names) == 4
    assert pseudonym(KEY, "youtube", "a") in names
    assert len(pseudonym(KEY, "youtube", "\ud800")) == 16
