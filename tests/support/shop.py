"""A shop that sends orders as Shopify does: signed, now and then twice, again after a 503.

storm = Storm.of(2_000)                 # with 5 % duplicates and 1 % bad signatures
heard = await storm.send(url)           # webhook id -> the last answer's status
"""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from resonance.agents.webhook.signatures import shopify_signature

SECRET: Final = b"shpss_test"
SHOP: Final = "lumi.myshopify.example"
DUPLICATE_SHARE: Final = 0.05
BAD_SHARE: Final = 0.01
SENDERS: Final = 32
RETRY_SECONDS: Final = 0.3
TRIES: Final = 600


def order(number: int, **changes: object) -> bytes:
    """Return the body of the webhook of a paid order."""
    document = {
        "id": 5_000_000 + number,
        "created_at": "2026-03-03T19:00:05+01:00",
        "currency": "EUR",
        "total_price": f"{number % 90 + 10}.50",
        "financial_status": "paid",
        "shipping_address": {"country_code": "DE"},
        "line_items": [{"id": 1, "product_id": 7, "quantity": 1, "price": "10.50"}],
    }
    return json.dumps(document | changes).encode()


def event_id(number: int) -> str:
    """Return the id of the event that the order becomes."""
    return f"shopify-{5_000_000 + number}-paid"


def headers(body: bytes, webhook_id: str = "", secret: bytes = SECRET) -> dict[str, str]:
    """Return what Shopify sends beside a body."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Hmac-Sha256": shopify_signature(secret, body),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Webhook-Id": webhook_id,
    }


@dataclass
class Storm:
    """Many orders at once, from senders who do not give up."""

    good: list[int]
    bad: list[int]
    deliveries: list[int]  # In order of sending; some orders twice.
    answers: Counter[int] = field(default_factory=Counter)
    last_answers: dict[int, set[int]] = field(default_factory=dict)  # Order -> its final statuses.
    sent: int = 0

    @classmethod
    def of(cls, orders: int, seed: int = 1) -> "Storm":
        """Return so many orders, 5 % of the deliveries repeated, 1 % of the orders badly signed."""
        rng = random.Random(seed)
        numbers = list(range(orders))
        bad = sorted(rng.sample(numbers, int(orders * BAD_SHARE)))
        deliveries = numbers + rng.sample(numbers, int(orders * DUPLICATE_SHARE))
        rng.shuffle(deliveries)
        good = sorted(set(numbers) - set(bad))
        return cls(good, bad, deliveries)

    async def send(self, url: str) -> None:
        """Send every delivery until it is answered with something else than 503."""
        waiting = iter(self.deliveries)
        async with aiohttp.ClientSession() as session:

            async def sender() -> None:
                for number in waiting:
                    status = await self._deliver(session, url, number)
                    self.last_answers.setdefault(number, set()).add(status)
                    self.sent += 1

            await asyncio.gather(*(sender() for _ in range(SENDERS)))

    async def answered(self, deliveries: int) -> None:
        """Wait until so many deliveries have their last answer."""
        while self.sent < deliveries:
            await asyncio.sleep(0.02)

    async def _deliver(self, session: aiohttp.ClientSession, url: str, number: int) -> int:
        body = order(number)
        secret = b"somebody else" if number in self.bad else SECRET
        told = headers(body, f"webhook-{number}", secret)
        for _ in range(TRIES):
            try:
                async with session.post(f"{url}/shopify", data=body, headers=told) as answer:
                    status = answer.status
            except aiohttp.ClientError:
                status = 0
            self.answers[status] += 1
            if status not in {0, 503}:
                return status
            await asyncio.sleep(RETRY_SECONDS)
        message = f"order {number} was refused {TRIES} times"
        raise AssertionError(message)
