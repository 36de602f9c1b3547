"""What arrives of pages to Slack, to PagerDuty and by mail, at servers that take them here."""

import smtplib
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, web

from resonance.agents.pager.alerts import Alert
from resonance.agents.pager.board import Evidence, Found, Quote
from resonance.agents.pager.memory import Event
from resonance.agents.pager.page import Page, page_of
from resonance.agents.pager.receivers import NotTakenError, receivers_of
from resonance.agents.settings import Settings
from support.certificates import make_certificate
from support.mailbox import mailbox

SAID = (
    Quote(at_ms=1, language="de", text="<!channel> 60 € Zoll & weg", topics=("price",), author=1),
    Quote(at_ms=2, language="ja", text="関税が高い", topics=("customs_tax",), author=2),
)


def page(event: Event = Event.BEGUN) -> Page:
    spike = Alert(
        status="firing",
        labels={"alertname": "X", "stream": "s1", "market": "DE", "severity": "page"},
        annotations={"summary": "A spike in DE", "description": "40 %", "runbook": "runbook.md#x"},
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        ends_at=datetime(1, 1, 1, tzinfo=UTC),
    )
    found = Found(matching=2, authors=2, topics={"price": 1}, comments=list(SAID))
    return page_of(
        spike,
        event,
        Evidence(found),
        now_ms=1_767_225_700_000,
        board_url="http://board",
        runbook_url="https://docs.example/runbook",
    )


@asynccontextmanager
async def a_taker(status: int = 200):
    """Yield the URL of a server that notes bodies, and the list of them."""
    bodies: list[dict] = []

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        bodies.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/services/T0/B0/secret", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/services/T0/B0/secret", bodies
    finally:
        await runner.cleanup()


@asynccontextmanager
async def a_receiver(**changes):
    """Yield the one receiver that these settings make."""
    async with ClientSession() as session:
        (receive,) = receivers_of(Settings(**changes), session).values()
        yield receive


def written(file, text):
    file.write_text(text + "\n")
    return file


async def test_slack_gets_title_comments_and_links_and_no_markup_of_viewers(tmp_path):
    async with a_taker() as (url, bodies):
        file = written(tmp_path / "slack", url)
        async with a_receiver(pager_slack_url_file=file) as send:
            await send(page())
    (body,) = bodies
    title, *lines = body["text"].split("\n")
    assert title == "*A spike in DE*"
    assert "[de] &lt;!channel&gt; 60 € Zoll &amp; weg" in lines
    assert "[ja] 関税が高い" in lines
    assert "Evidence: http://board/evidence?stream=s1" in body["text"]
    assert "Runbook: https://docs.example/runbook#x" in lines
    assert body["unfurl_links"] is False


async def test_pagerduty_hears_the_beginning_and_the_end_of_the_same_incident(tmp_path):
    async with a_taker() as (url, bodies):
        key = written(tmp_path / "key", "a-routing-key")
        async with a_receiver(pager_pagerduty_key_file=key, pager_pagerduty_url=url) as send:
            await send(page())
            await send(page(Event.OVER))
    begun, over = bodies
    assert (begun["event_action"], over["event_action"]) == ("trigger", "resolve")
    assert begun["dedup_key"] == over["dedup_key"]
    assert begun["routing_key"] == "a-routing-key"
    assert begun["payload"]["severity"] == "critical"
    assert "[ja] 関税が高い" in begun["payload"]["custom_details"]["text"]
    assert begun["links"][0]["href"].startswith("http://board/evidence")


async def test_mail_arrives_with_its_subject_and_every_script():
    async with mailbox() as box:
        changes = {"pager_mail_to": "night@example.com", "pager_smtp": f"127.0.0.1:{box.port}"}
        async with a_receiver(**changes) as send:
            await send(page())
    (letter,) = box.letters
    assert (letter["Subject"], letter["To"]) == ("A spike in DE", "night@example.com")
    assert letter.get_content_type() == "text/plain"
    lines = letter.get_content().splitlines()
    assert {"[de] <!channel> 60 € Zoll & weg", "[ja] 関税が高い"} < set(lines)
    assert "Runbook: https://docs.example/runbook#x" in lines
    assert box.envelopes[0][1].startswith("TO:<night@example.com>")
    assert not box.logins


def secret_mail(folder, port):
    return {
        "pager_mail_to": "night@example.com",
        "pager_smtp": f"localhost:{port}",
        "pager_smtp_username": "pager",
        "pager_smtp_password_file": written(folder / "password", "hush"),
    }


async def test_a_password_goes_to_a_server_that_can_prove_its_name(tmp_path, monkeypatch):
    certificate, key = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with (
        mailbox((certificate, key)) as box,
        a_receiver(**secret_mail(tmp_path, box.port)) as send,
    ):
        await send(page())
    assert box.logins == [("pager", "hush", True)]
    assert len(box.letters) == 1


async def test_a_password_goes_to_no_server_that_cannot(tmp_path):
    async with (
        mailbox(make_certificate(tmp_path, "localhost")) as box,
        a_receiver(**secret_mail(tmp_path, box.port)) as send,
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            await send(page())
    assert not box.logins
    assert not box.letters


async def test_a_password_goes_to_no_server_without_encryption(tmp_path):
    async with mailbox() as box, a_receiver(**secret_mail(tmp_path, box.port)) as send:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            await send(page())
    assert not box.logins


@pytest.mark.parametrize("status", [404, 429, 500])
async def test_an_answer_that_is_no_yes_is_told_without_the_address(tmp_path, status):
    async with a_taker(status) as (url, _):
        file = written(tmp_path / "slack", url)
        async with a_receiver(pager_slack_url_file=file) as send:
            with pytest.raises(NotTakenError, match=f"^answered {status}$"):
                await send(page())


async def test_a_letter_that_is_refused_is_told():
    async with mailbox() as box:
        box.refuses = True
        changes = {"pager_mail_to": "night@example.com", "pager_smtp": f"127.0.0.1:{box.port}"}
        async with a_receiver(**changes) as send:
            with pytest.raises(smtplib.SMTPSenderRefused):
                await send(page())
