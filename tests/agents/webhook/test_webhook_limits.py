"""What happens when there is too much, no Kafka, or no time left."""

import asyncio

import aiohttp
import aiohttp.web
import pytest
from msgspec.structs import replace

from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings, SettingsError
from resonance.agents.webhook.deliveries import Deliveries
from resonance.agents.webhook.kafka import ConfirmedSender
from resonance.agents.webhook.service import access_of, serve_webhook
from resonance.agents.webhook.web import Access, Receiver
from resonance.streams.importers.options import Options
from support.shop import SECRET, headers, order


async def send(url, number):
    body = order(number)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/shopify", data=body, headers=headers(body, f"w{number}")) as answer,
    ):
        return answer.status, answer.headers.get("Retry-After"), await answer.json()


@pytest.fixture
async def at():
    """Return a function that serves a receiver and gives its URL."""
    runners = []

    async def served(receiver):
        runner = aiohttp.web.AppRunner(receiver.application(), shutdown_timeout=5)
        runners.append(runner)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield served
    for runner in runners:
        await runner.cleanup()


ACCESS = Access(loopback_only=True, shopify_secrets=(SECRET,))


async def test_without_kafka_no_order_is_taken_and_the_shop_is_asked_to_send_again(at):
    with EmbeddedBroker() as embedded:
        sender = ConfirmedSender(embedded.settings(Settings()))
    with sender:
        receiver = Receiver(sender, ACCESS, Options())
        url = await at(receiver)
        status, retry_after, told = await send(url, 1)
        assert (status, told["error"]) == (503, "not_confirmed")
        assert int(retry_after) > 0
        assert receiver.counts.confirmed == 0


async def test_a_full_queue_is_refused_at_once_and_nothing_in_it_is_lost(at):
    with EmbeddedBroker() as embedded, ConfirmedSender(embedded.settings(Settings())) as sender:
        receiver = Receiver(sender, ACCESS, Options(), queued_requests=2)
        url = await at(receiver)
        answers = await asyncio.gather(*(send(url, number) for number in range(40)))
        taken = [status for status, _, _ in answers if status == 200]
        refused = [told["error"] for status, _, told in answers if status == 503]
        assert len(taken) + len(refused) == 40
        assert set(refused) <= {"queue_full"}
        assert receiver.counts.confirmed == len(taken) > 0
        assert receiver.counts.answers.total() == receiver.counts.requests == 40


async def test_who_is_leaving_takes_nothing_new(at):
    with EmbeddedBroker() as embedded, ConfirmedSender(embedded.settings(Settings())) as sender:
        receiver = Receiver(sender, ACCESS, Options())
        url = await at(receiver)
        receiver.leaving = True
        status, _, told = await send(url, 1)
        assert (status, told["error"]) == (503, "leaving")


async def test_only_so_many_deliveries_are_remembered_the_latest():
    deliveries, sent = Deliveries(limit=2), []

    async def confirm(key, *, fails=False):
        async def send_it():
            sent.append(key)
            return not fails

        return await deliveries.confirm(key, send_it)

    assert not await confirm("a", fails=True)  # What failed is not remembered.
    for key in ("a", "b", "b", "c", "c", "a"):
        assert await confirm(key)
    assert sent == ["a", "a", "b", "c", "a"]


async def test_it_does_not_start_without_kafka_topics_a_port_or_a_secret(running, tmp_path):
    async def start(settings):
        await serve_webhook(settings, Options(), stop=asyncio.Event())

    with pytest.raises(ServiceUnreachable, match=r"no Kafka answers at 127\.0\.0\.1:1"):
        await start(Settings(broker="127.0.0.1:1", webhook_port=0))
    async with running() as url:
        port = int(url.rpartition(":")[2])
        with EmbeddedBroker() as embedded:
            settings = embedded.settings(Settings(webhook_port=port))
            with pytest.raises(UsageError, match="choose another --port"):
                await start(settings)
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for path, fault in ((empty, "holds no secret"), (tmp_path / "gone", "cannot read")):
        with pytest.raises(SettingsError, match=fault) as caught:
            access_of(replace(Settings(), shopify_secret_file=path))
        assert "`shopify_secret_file`" in str(caught.value)


def test_a_receiver_that_others_reach_needs_something_to_know_them_by():
    with pytest.raises(UsageError, match=r"nobody could send to 0\.0\.0\.0"):
        access_of(Settings(webhook_host="0.0.0.0"))
    assert access_of(Settings()).takes_cloudevents
