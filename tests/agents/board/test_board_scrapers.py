"""Each scraper sees a series at 0 once, and no scraper waits for another."""

from resonance.agents.board.scrapers import FORGET_AFTER_SECONDS, SCRAPER_LIMIT, Scrapers

PROMETHEUS = ("127.0.0.1", "Prometheus/2.42.0")


def test_what_came_since_a_scrapers_last_scrape_is_shown_at_zero_once():
    scrapers = Scrapers()
    scrapers.zeros_since(PROMETHEUS, 100.0)

    # A series first seen at 101 is after 100, and before 105.
    assert scrapers.zeros_since(PROMETHEUS, 105.0) == 100.0
    assert scrapers.zeros_since(PROMETHEUS, 110.0) == 105.0


def test_scrapers_are_told_apart():
    scrapers = Scrapers()
    scrapers.zeros_since(PROMETHEUS, 100.0)
    scrapers.zeros_since(("127.0.0.1", "curl/8"), 104.0)

    assert scrapers.zeros_since(PROMETHEUS, 105.0) == 100.0


def test_a_new_scraper_gets_the_youngest_at_zero_and_the_rest_as_it_is():
    assert Scrapers().zeros_since(PROMETHEUS, 100.0) == 90.0


def test_a_scraper_that_was_away_is_new():
    scrapers = Scrapers()
    scrapers.zeros_since(PROMETHEUS, 0.0)
    back = FORGET_AFTER_SECONDS + 1

    assert scrapers.zeros_since(PROMETHEUS, back) == back - 10.0


def test_however_many_come_only_so_many_are_remembered():
    scrapers = Scrapers()
    scrapers.zeros_since(PROMETHEUS, 0.0)
    for number in range(SCRAPER_LIMIT):
        scrapers.zeros_since(("127.0.0.1", f"agent-{number}"), 1.0)

    assert scrapers.zeros_since(PROMETHEUS, 100.0) == 90.0
    assert scrapers.zeros_since(("127.0.0.1", f"agent-{SCRAPER_LIMIT - 1}"), 2.0) == 1.0
