"""What the receiver answers, and what is in Kafka by then."""

import asyncio
import base64
import io
import json
import time

import aiohttp
import pytest
from confluent_kafka import Consumer, TopicPartition

from resonance.agents.broker.embedded import MOCK_PARTITIONS
from resonance.streams.codec import decode_raw
from resonance.streams.importers.options import Options
from support.shop import SECRET, SHOP, event_id, headers, order

WAIT_SECONDS = 10
PURCHASE = {
    "kind": "purchase",
    "order_id": "o1",
    "state": "paid",
    "amount_minor": 1_250,
    "currency": "BRL",
}
CLOUDEVENT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/shops/7",
    "type": "com.example.order",
    "time": "2026-03-03T18:00:04Z",
    "data": PURCHASE,
}
CLOUDEVENT_BODY = json.dumps(CLOUDEVENT).encode()
JSON = {"Content-Type": "application/json"}


async def post(url, body, told, session=None):
    """Return status, decoded body and headers of the answer."""
    async with (
        session or aiohttp.ClientSession() as own,
        own.post(url, data=io.BytesIO(body), headers=told) as answer,
    ):
        return answer.status, await answer.json(), answer.headers


def purchases(broker, count):
    """Return the first `count` purchases; fails if there are fewer or, just then, more."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "test", "log_level": 0})
    consumer.assign([TopicPartition("purchases", number, 0) for number in range(MOCK_PARTITIONS)])
    found, give_up_at = [], time.monotonic() + WAIT_SECONDS
    while len(found) < count and time.monotonic() < give_up_at:
        found += consumer.consume(1_000, timeout=0.2)
    found += consumer.consume(1_000, timeout=0.2)
    consumer.close()
    assert len(found) == count
    return [decode_raw(record.value()) for record in found]


async def counts(url):
    async with aiohttp.ClientSession() as session, session.get(f"{url}/counts") as answer:
        return await answer.json()


async def test_a_signed_order_is_in_kafka_when_the_shop_hears_200(running, broker):
    before_ms = time.time_ns() // 1_000_000
    async with running() as url:
        body = order(1)
        status, told, _ = await post(f"{url}/shopify", body, headers(body, "w1"))
        (purchase,) = await asyncio.to_thread(purchases, broker, 1)
    assert (status, told) == (200, {"accepted": 1, "skipped": 0})
    assert (purchase.id, purchase.channel, purchase.market) == (event_id(1), SHOP, "DE")
    assert purchase.ingested_at_ms >= before_ms > purchase.occurred_at_ms


async def test_the_channel_that_was_asked_for_is_the_one_that_orders_join(running, broker):
    async with running(Options(name="webhook", channel="lumi")) as url:
        body = order(1)
        await post(f"{url}/shopify", body, headers(body, "w1"))
        (purchase,) = await asyncio.to_thread(purchases, broker, 1)
    assert (purchase.channel, purchase.platform, purchase.stream) == ("lumi", "shopify", None)


async def test_a_delivery_is_sent_once_however_often_it_comes_even_at_the_same_time(
    running, broker
):
    async with running() as url:
        body = order(1)
        sent = [post(f"{url}/shopify", body, headers(body, "w1")) for _ in range(8)]
        assert {status for status, _, _ in await asyncio.gather(*sent)} == {200}
        assert (await post(f"{url}/shopify", body, headers(body, "w1")))[0] == 200
        assert (await counts(url))["duplicates"] == 8
        await asyncio.to_thread(purchases, broker, 1)


async def test_another_order_is_never_hidden_by_a_webhook_id_that_was_used_before(running, broker):
    async with running() as url:
        for body in (order(1), order(2)):
            assert (await post(f"{url}/shopify", body, headers(body, "w1")))[0] == 200
        found = await asyncio.to_thread(purchases, broker, 2)
    assert {one.id for one in found} == {event_id(1), event_id(2)}


async def test_an_order_sent_again_after_a_restart_has_the_same_event_id(running, broker):
    body = order(1)
    for _ in range(2):
        async with running() as url:
            await post(f"{url}/shopify", body, headers(body, "w1"))
    first, second = await asyncio.to_thread(purchases, broker, 2)
    assert first.id == second.id


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "nonsense",
        "ümlaut".encode().decode("latin-1"),
        headers(order(2))["X-Shopify-Hmac-Sha256"],
        headers(order(1), secret=b"other")["X-Shopify-Hmac-Sha256"],
        base64.b64encode(b"\0" * 32).decode(),
    ],
)
async def test_a_body_that_is_not_signed_with_our_secret_is_refused(running, signature, broker):
    async with running() as url:
        told = {k: v for k, v in headers(order(1), "w1").items() if "Hmac" not in k}
        told |= {} if signature is None else {"X-Shopify-Hmac-Sha256": signature}
        status, answer, _ = await post(f"{url}/shopify", order(1), told)
        assert (status, answer) == (401, {"error": "bad_signature"})
        assert (await counts(url))["refused"] == {"bad_signature": 1}


async def test_a_secret_is_replaced_while_both_the_old_and_the_new_one_hold(
    running, secret_file, broker
):
    secret_file.write_bytes(b"new one\n\n" + SECRET + b"\n")
    async with running() as url:
        for number, secret in enumerate((b"new one", SECRET)):
            body = order(number)
            told = headers(body, f"w{number}", secret)
            assert (await post(f"{url}/shopify", body, told))[0] == 200


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", {"error": "not_json"}),
        (b"{", {"error": "not_json"}),
        (b'"\xff"', {"error": "not_utf8"}),
        (b"[" * 100_000, {"error": "not_json"}),
        (b"[1]", {"error": "not_an_object", "at": "no order, refund or checkout"}),
        (b'{"hello": 1}', {"error": "unknown_kind", "at": "no order, refund or checkout"}),
        (order(1, total_price=None), {"error": "missing_field", "at": "`total_price`"}),
        (order(1, total_price="free"), {"error": "invalid_field", "at": "`total_price`"}),
    ],
)
async def test_a_body_without_an_order_is_refused_and_told_why(running, body, answer):
    async with running() as url:
        status, told, _ = await post(f"{url}/shopify", body, headers(body, "w1"))
    assert (status, told) == (400, answer)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"financial_status": "pending"}, "unpaid order"), ({"test": True}, "test order")],
)
async def test_what_brought_no_money_is_taken_and_counted_by_name(running, changes, kind):
    async with running() as url:
        body = order(1, **changes)
        status, told, _ = await post(f"{url}/shopify", body, headers(body, "w1"))
        assert (status, told) == (200, {"accepted": 0, "skipped": 1})
        assert (await counts(url))["skipped"] == {kind: 1}


async def test_a_body_over_1_mib_is_refused(running):
    async with running() as url:
        body = b" " * (1024 * 1024 + 1)
        status, told, _ = await post(f"{url}/shopify", body, headers(body, "w1"))
    assert (status, told["error"]) == (413, "too_large")


async def test_without_a_secret_shopifys_path_is_closed(running):
    async with running(shopify_secret_file=None) as url:
        status, told, _ = await post(f"{url}/shopify", order(1), headers(order(1), "w1"))
    assert (status, told["error"]) == (403, "closed")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (CLOUDEVENT_BODY, {"Content-Type": "application/cloudevents+json"}),
        (json.dumps([CLOUDEVENT]).encode(), {"Content-Type": "application/cloudevents-batch+json"}),
        (
            json.dumps(PURCHASE).encode(),
            JSON | {f"ce-{k}": v for k, v in CLOUDEVENT.items() if k != "data"},
        ),
    ],
)
async def test_cloudevents_come_structured_in_batches_and_binary(running, broker, body, told):
    async with running() as url:
        assert (await post(f"{url}/cloudevents", body, told))[0] == 200
        (purchase,) = await asyncio.to_thread(purchases, broker, 1)
    assert (purchase.order_id, purchase.amount_minor) == ("o1", 1_250)
    assert purchase.occurred_at_ms == 1_772_560_804_000


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (JSON, 200),
        (JSON | {"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_without_a_token_only_this_machine_may_send_cloudevents(running, told, status):
    async with running() as url:
        assert (await post(f"{url}/cloudevents", CLOUDEVENT_BODY, told))[0] == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer open sesame", 200), ("Bearer open", 401), ("open sesame", 401), ("", 401)],
)
async def test_with_a_token_only_who_shows_it_may_send_cloudevents(
    running, tmp_path, authorization, status
):
    token_file = tmp_path / "token"
    token_file.write_text("open sesame\n")
    async with running(webhook_token_file=token_file) as url:
        told = JSON | {"Authorization": authorization, "Host": "shop.example"}
        assert (await post(f"{url}/cloudevents", CLOUDEVENT_BODY, told))[0] == status


async def test_it_says_that_it_is_alive_and_how_many_requests_it_answered(running):
    async with running() as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/healthz") as answer:
            assert await answer.text() == "ok\n"
        async with session.get(f"{url}/shopify") as answer:
            assert answer.status == 405
        assert await counts(url) == {
            "requests": 0,
            "in_progress": 0,
            "answers": {},
            "confirmed": 0,
            "duplicates": 0,
            "skipped": {},
            "refused": {},
        }
