"""How a page reaches people: Slack, any webhook, PagerDuty, e-mail. Addresses are secrets."""

import asyncio
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import ClientSession, ClientTimeout

from resonance.agents.pager.memory import Event
from resonance.agents.pager.page import Page
from resonance.agents.settings import Settings, SettingsError

SEND_SECONDS: Final = 10.0
SECRET_BYTES: Final = 4_096
LAST_GOOD_STATUS: Final = 299
PAGERDUTY_SEVERITY: Final = {"page": "critical", "ticket": "warning", "info": "info"}

# Raises when the page was not taken.
Receiver = Callable[[Page], Awaitable[None]]


class NotTakenError(Exception):
    """A receiver answered with something else than yes; the message holds no address."""


def receivers_of(settings: Settings, session: ClientSession) -> dict[str, Receiver]:
    """Return the receivers that are set, by name. Raises `SettingsError` for an unusable file."""
    made: dict[str, Receiver] = {}
    if file := settings.pager_slack_url_file:
        made["slack"] = partial(_post, session, secret_of(file, "pager_slack_url_file"), slack_body)
    if file := settings.pager_webhook_url_file:
        url = secret_of(file, "pager_webhook_url_file")
        made["webhook"] = partial(_post, session, url, webhook_body)
    if file := settings.pager_pagerduty_key_file:
        key = secret_of(file, "pager_pagerduty_key_file")
        body = partial(pagerduty_body, key)
        made["pagerduty"] = partial(_post, session, settings.pager_pagerduty_url, body)
    if settings.pager_mail_to:
        file = settings.pager_smtp_password_file
        password = secret_of(file, "pager_smtp_password_file") if file else ""
        made["e-mail"] = partial(_mail, settings, password)
    return made


def slack_body(page: Page) -> object:
    """Return what Slack's incoming webhooks take; what people wrote is no markup there."""
    text = "\n".join([f"*{_escaped(page.title)}*", *map(_escaped, page.lines)])
    return {"text": text, "unfurl_links": False}


def webhook_body(page: Page) -> object:
    """Return the page as JSON, and as text for receivers that only show it."""
    return {**msgspec.to_builtins(page), "title": page.title, "text": "\n".join(page.lines)}


def pagerduty_body(routing_key: str, page: Page) -> object:
    """Return an event of PagerDuty's Events API v2; the end of an alert resolves its incident."""
    return {
        "routing_key": routing_key,
        "event_action": "resolve" if page.event is Event.OVER else "trigger",
        "dedup_key": page.key[:255],
        "payload": {
            "summary": page.title[:1_024],
            "source": page.stream or "resonance",
            "severity": PAGERDUTY_SEVERITY.get(page.severity, "error"),
            "custom_details": {"text": "\n".join(page.lines)},
        },
        "links": [{"href": page.evidence_url, "text": "Evidence"}] if page.evidence_url else [],
    }


def mail(page: Page, sender: str, to: str) -> EmailMessage:
    """Return the page as a message in plain text."""
    message = EmailMessage()
    message["Subject"] = " ".join(page.title.split())
    message["From"], message["To"] = sender, to
    message.set_content("\n".join(page.lines) + "\n")
    return message


async def _post(
    session: ClientSession, url: str, body: Callable[[Page], object], page: Page
) -> None:
    timeout = ClientTimeout(total=SEND_SECONDS)
    async with session.post(url, json=body(page), timeout=timeout) as answer:
        if answer.status > LAST_GOOD_STATUS:
            message = f"answered {answer.status}"
            raise NotTakenError(message)


async def _mail(settings: Settings, password: str, page: Page) -> None:
    message = mail(page, settings.pager_mail_from, settings.pager_mail_to)

    def send() -> None:
        host, _, port = settings.pager_smtp.partition(":")
        with smtplib.SMTP(host, int(port or 25), timeout=SEND_SECONDS) as server:
            if password:
                # Without a context of its own, smtplib believes whoever answers.
                server.starttls(context=ssl.create_default_context())
                server.login(settings.pager_smtp_username, password)
            server.send_message(message)

    await asyncio.to_thread(send)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def secret_of(path: Path, setting: str) -> str:
    """Return the one line of a file. Raises `SettingsError`, which names the file and setting."""
    try:
        text = path.read_text("utf-8")[:SECRET_BYTES].strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text or "\n" in text:
        message = f"{path} holds no secret: one line of text (`{setting}`)"
        raise SettingsError(message)
    return text
