"""A mail server for loopback: takes what is sent, and notes how it came."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Mailbox:
    """What came: letters, who logged in, and whether that was encrypted."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    refuses: bool = False


class _Visit:
    """One connection, by the lines of RFC 5321 that smtplib sends."""

    def __init__(
        self,
        box: Mailbox,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._box, self._reader, self._writer, self._tls = box, reader, writer, tls
        self._encrypted = False
        self._sender = self._to = ""

    async def run(self) -> None:
        self._say("220 loopback")
        while line := (await self._reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    self._say("250-loopback")
                    self._say(
                        "250-STARTTLS" if self._tls and not self._encrypted else "250-8BITMIME"
                    )
                    self._say("250 AUTH PLAIN")
                case "STARTTLS":
                    self._say("220 go on")
                    assert self._tls
                    await self._writer.start_tls(self._tls)
                    self._encrypted = True
                case "AUTH":
                    _, name, password = base64.b64decode(rest.split()[-1]).decode().split("\0")
                    self._box.logins.append((name, password, self._encrypted))
                    self._say("235 welcome")
                case "MAIL":
                    self._sender = rest
                    self._say("550 not now" if self._box.refuses else "250 ok")
                case "RCPT":
                    self._to = rest
                    self._say("250 ok")
                case "DATA":
                    self._say("354 go on")
                    await self._letter()
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    async def _letter(self) -> None:
        text = await self._reader.readuntil(b"\r\n.\r\n")
        letter = message_from_bytes(text.removesuffix(b".\r\n"), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self._box.letters.append(letter)
        self._box.envelopes.append((self._sender, self._to))
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")


@asynccontextmanager
async def mailbox(certificate: tuple[Path, Path] | None = None) -> AsyncIterator[Mailbox]:
    """Run a mail server; with a certificate and its key, one that offers STARTTLS."""
    box, tls = Mailbox(), None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Visit(box, reader, writer, tls).run()
        except ConnectionError:  # A client that does not trust us just goes.
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
