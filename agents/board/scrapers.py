"""Who scrapes, and since when: each scraper must see a series at 0 before it sees it move.

A series that is first scraped at 500 has an increase of 0 for ever. So what a scraper could not
have seen at its last scrape, it gets at 0 once. One that was never here gets what is younger than
10 s at 0: it may have started with the stream, while anything older had its chance.
"""

from typing import Final

YOUNG_SECONDS: Final = 10.0
FORGET_AFTER_SECONDS: Final = 300.0  # Scrape intervals beyond two minutes break Prometheus itself.
SCRAPER_LIMIT: Final = 100

Scraper = tuple[str, str]  # Address and user agent.


class Scrapers:
    """The last scrape of each scraper, by the reader's clock in seconds."""

    def __init__(self) -> None:
        self._last: dict[Scraper, float] = {}

    def zeros_since(self, scraper: Scraper, now: float) -> float:
        """Return from when on first-seen series are shown at 0, and note the scrape."""
        last = self._last.pop(scraper, None)
        if len(self._last) >= SCRAPER_LIMIT:
            del self._last[next(iter(self._last))]  # The one that was silent for longest.
        self._last[scraper] = now
        if last is None or now - last > FORGET_AFTER_SECONDS:
            return now - YOUNG_SECONDS
        return last
