"""What viewers buy, cancel and send back, in their market's currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from resonance.agents.demo.cast import Cast, Viewer
from resonance.agents.demo.running_order import DURATION_SECONDS, ON_SCREEN, Trouble
from resonance.agents.demo.tables import table
from resonance.streams.events import OrderLine, PurchaseState

ORDERS_A_PRODUCT: Final = 66
FIRST_ORDER_SECONDS: Final = 3  # From the product's appearance to the quickest buyer.
BROWSING_SECONDS: Final = 14.0  # The mean time until the others have bought, exponential.
MORE_UNITS_SHARE: Final = 0.18
CANCELLED_SHARE: Final = 0.05
CANCELLED_IN_TROUBLE_SHARE: Final = 0.4
REFUNDED_SHARE: Final = 0.08
SECOND_THOUGHTS_SECONDS: Final = (4, 20)
SOURCES: Final = {"live": 78, "shop": 14, "ad": 8}
FIRST_ORDER_NUMBER: Final = 1001


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase event before it has an id; amounts in the currency's minor units."""

    at_ms: int
    order_id: str
    state: PurchaseState
    viewer: Viewer
    market: str
    line: OrderLine
    currency: str
    source: str


def orders(rng: Random, cast: Cast, trouble: Trouble) -> Iterator[Order]:
    """Yield what is paid while each product is on screen, and what is undone later."""
    number = FIRST_ORDER_NUMBER
    for product, start, _ in ON_SCREEN:
        for _ in range(ORDERS_A_PRODUCT):
            after = FIRST_ORDER_SECONDS + rng.expovariate(1 / BROWSING_SECONDS)
            at_ms = int((start + after) * 1_000)
            viewer = cast.anyone()
            if at_ms >= DURATION_SECONDS * 1_000 or viewer.market is None:
                continue  # The stream is over, or we do not deliver there.
            paid = _paid(rng, f"lumi-{number}", at_ms, viewer, product)
            number += 1
            yield paid
            yield from _undone(rng, paid, trouble)


def _paid(rng: Random, order_id: str, at_ms: int, viewer: Viewer, product: str) -> Order:
    assert viewer.market is not None
    prices = next(row for row in table("prices") if row["market"] == viewer.market)
    units = 1 + (rng.random() < MORE_UNITS_SHARE)
    return Order(
        at_ms=at_ms,
        order_id=order_id,
        state="paid",
        viewer=viewer,
        market=viewer.market,
        line=OrderLine(product, units, units * int(prices[product])),
        currency=prices["currency"],
        source=rng.choices(list(SOURCES), list(SOURCES.values()))[0],
    )


def _undone(rng: Random, paid: Order, trouble: Trouble) -> Iterator[Order]:
    second = rng.randint(*SECOND_THOUGHTS_SECONDS) + paid.at_ms // 1_000
    troubled = paid.market == trouble.market and second > trouble.start_second
    cancelled = CANCELLED_IN_TROUBLE_SHARE if troubled else CANCELLED_SHARE
    chance = rng.random()
    if second >= DURATION_SECONDS or chance >= cancelled + REFUNDED_SHARE:
        return
    state: PurchaseState = "cancelled" if chance < cancelled else "refunded"
    yield Order(
        at_ms=second * 1_000 + rng.randrange(1_000),
        order_id=paid.order_id,
        state=state,
        viewer=paid.viewer,
        market=paid.market,
        line=paid.line,
        currency=paid.currency,
        source=paid.source,
    )
