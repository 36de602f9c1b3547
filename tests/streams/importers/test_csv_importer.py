"""Tables with named columns."""

import pytest

from resonance.streams.events import Comment, OrderLine, Purchase, Stage
from resonance.streams.importers.csv_columns import read
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Skip, Skipped
from resonance.streams.reasons import Reason

TIME = "2020-08-29T18:00:11Z"
TIME_MS = 1_598_724_011_000


def table(*rows, **options):
    return list(read([row.encode() + b"\n" for row in rows], Options(**options)))


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("time,user,text", f"{TIME},u1,hello"),
        ("Timestamp;Author;Message", f"{TIME_MS};u1;hello"),
        ("occurred_at_ms\tviewer_id\tcomment\tlikes", f"{TIME_MS}\tu1\thello\t3"),
        (" Created At |author id| content ", f"{TIME_MS // 1_000}|u1|hello"),
        ('"date","username","body"', f'"{TIME}","u1","hello"'),
    ],
)
def test_columns_are_known_by_the_usual_names_and_delimiters(heading, row):
    (comment,) = table(heading, row, name="export")
    assert isinstance(comment, Comment)
    assert (comment.occurred_at_ms, comment.viewer_id, comment.text) == (TIME_MS, "u1", "hello")
    assert (comment.platform, comment.channel, comment.stream) == ("file", "export", "export")
    assert comment.ingested_at_ms == TIME_MS


def test_an_id_column_is_the_viewer_rather_than_a_name_column():
    (comment,) = table("author,author_id,text,time", f"Ann,u7,hi,{TIME}")
    assert comment.viewer_id == "u7"


def test_a_row_may_declare_its_market_role_stream_and_more():
    heading = "id,time,user,text,country,role,stream,channel,product,platform,reply_to"
    (comment,) = table(
        heading, f"c1,{TIME},u1,hi,de,HOST,live-1,shop,p1,tiktok,c0", markets=("US",)
    )
    assert (comment.id, comment.market, comment.role) == ("c1", "DE", "host")
    assert (comment.stream, comment.channel, comment.platform) == ("live-1", "shop", "tiktok")
    assert (comment.product, comment.reply_to, comment.stream_markets) == ("p1", "c0", ("US",))


def test_a_cell_may_hold_line_ends_quotes_and_delimiters():
    (comment, after) = table("time,user,text", f'{TIME},u1,"a ""b"",', 'c"', f"{TIME},u2,d")
    assert comment.text == 'a "b",\nc'
    assert after.viewer_id == "u2"


def test_orders_are_purchases_in_minor_units_without_a_stream_of_their_own():
    heading = "created_at,order_id,total_price,currency,quantity,sku,country,status,customer_id"
    paid, refunded = table(
        heading,
        f'{TIME},o1,"1,234.50",eur,2,p1,DE,paid,u1',
        f"{TIME},o2,1980,JPY,,,JP,Refunded,",
        name="orders",
    )
    assert isinstance(paid, Purchase)
    assert (paid.amount_minor, paid.currency, paid.market) == (123_450, "EUR", "DE")
    assert paid.lines == (OrderLine("p1", 2, 123_450),)
    assert (paid.stream, paid.viewer_id, paid.state) == (None, "u1", "paid")
    assert (refunded.amount_minor, refunded.state, refunded.lines) == (1_980, "refunded", ())


def test_kinds_may_be_mixed_by_a_kind_column():
    heading = "kind,time,user,text,order_id,amount_minor,currency,action,viewers"
    comment, purchase, stage = table(
        heading,
        f"comment,{TIME},u1,hi,,,,,",
        f"purchase,{TIME},u1,,o1,500,USD,,",
        f"stage,{TIME},,,,,,viewers,81",
    )
    assert isinstance(comment, Comment)
    assert isinstance(purchase, Purchase)
    assert isinstance(stage, Stage)
    assert (purchase.amount_minor, stage.viewers) == (500, 81)


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (f"{TIME},u1", Skip.WRONG_WIDTH, "2 cells, not 4"),
        (f"{TIME},u1,a,US,b", Skip.WRONG_WIDTH, "5 cells, not 4"),
        ("yesterday,u1,hi,US", Reason.INVALID_FIELD, "`occurred_at_ms`"),
        (f"{TIME},u1,,US", Reason.MISSING_FIELD, "`text`"),
        (f"{TIME},,hi,US", Reason.MISSING_FIELD, "`viewer_id`"),
        (",u1,hi,US", Reason.MISSING_FIELD, "`occurred_at_ms`"),
        (f"{TIME},u1,hi,Germany", Reason.INVALID_FIELD, "`market`"),
        (f"{TIME},{'u' * 300},hi,US", Reason.INVALID_FIELD, "`viewer_id`"),
        (f"{TIME},u1,a\rb,US", Skip.NOT_A_ROW, "line end"),
        (f"{TIME},u1,{'x' * 140_000},US", Skip.NOT_A_ROW, "128 KiB"),
    ],
)
def test_a_bad_row_is_skipped_by_name_and_the_rest_goes_on(row, reason, detail):
    good = f"{TIME},u1,hi,US"
    outcomes = table("time,user,text,market", good, row, good)
    assert [type(outcome) for outcome in outcomes] == [Comment, Skipped, Comment]
    assert (outcomes[1].reason, outcomes[1].line) == (reason, 3)
    assert detail in outcomes[1].detail


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (f"{TIME},o1,ten,USD,1", "`amount`"),
        (f"{TIME},o1,10.999,USD,1", "`amount`"),
        (f"{TIME},o1,10,USD,two", "`units`"),
        (f"{TIME},o1,10,DOLLAR,1", "`currency`"),
    ],
)
def test_an_order_with_an_unusable_number_is_skipped_not_guessed(row, detail):
    (skipped,) = table("time,order_id,amount,currency,quantity", row)
    assert skipped.reason is Reason.INVALID_FIELD
    assert detail in skipped.detail


def test_bytes_that_are_not_utf8_are_told():
    rows = [b"time,user,text\n", f"{TIME},u1,".encode() + "Größe".encode("latin-1") + b"\n"]
    (skipped,) = read(rows, Options())
    assert (skipped.reason, skipped.line) == (Reason.NOT_UTF8, 2)


@pytest.mark.parametrize(
    ("heading", "missing"),
    [
        ("time,user", "the comment's `text`"),
        ("user,text", "the comment's `occurred_at_ms`"),
        ("time,text", "the comment's `viewer_id`"),
        ("time,order_id,amount", "the purchase's `currency`"),
    ],
)
def test_a_missing_column_is_named_with_the_names_it_may_have(heading, missing):
    with pytest.raises(BrokenFileError, match=missing) as caught:
        table(heading, "1,2,3")
    assert caught.value.line == 1
    assert "as one of: " in caught.value.remedy
