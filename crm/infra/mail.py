"""Mail, handed to the server of `CRM_MAIL_URL`, or written to the log when there is none."""

import hashlib
import re
import secrets
import smtplib
import ssl
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from crm.config import Settings
from crm.infra import clock

TIMEOUT = 20  # seconds, for each answer of the server
_GOODBYE = 2.0

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OURS = re.compile(r"from|to|cc|bcc|sender|subject|date|message-id|mime-version|content-.*", re.IGNORECASE)
_MAILBOX = re.compile(
    r"(?P<name>[^<>@]*(?=<))?(?P<open><)?(?P<local>[^\s@<>()\[\]\\,;:\"]+)@(?P<domain>[\w-]+(\.[\w-]+)*)(?(open)>)"
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Unsendable(ValueError):
    """The message is wrong in itself: an address, subject or header that could smuggle in another. Never try again."""


@dataclass(frozen=True)
class Attachment:
    """A file; `kind` is its media type, such as text/plain."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True)
class Mail:
    """One message to one mailbox: `ann@example.com` or `Ann <ann@example.com>`.

    What nobody has written is `automatic` and says so (RFC 3834), so that holiday notices do not answer it.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    automatic: bool = True
    attachments: Sequence[Attachment] = ()


def send(settings: Settings, message: Mail, *, key: str = "") -> str:
    """Hand the message over and return its Message-ID, the same whenever the same idempotency key is given.

    Raises Unsendable, or an OSError (all of smtplib's are) when the server did not take it: later, use the same key.
    """
    sealed = _sealed(settings, message, key)
    if settings.mail_url:
        _deliver(urlsplit(settings.mail_url), sealed)
    else:
        log = structlog.get_logger(__name__)
        log.info(
            "mail.written", to=message.to, subject=message.subject, text=message.text, message_id=sealed["Message-ID"]
        )
    return str(sealed["Message-ID"])


def _sealed(settings: Settings, message: Mail, key: str) -> EmailMessage:
    sealed = EmailMessage(policy=SMTP)
    sender = _mailbox(settings.mail_from)
    sealed["From"], sealed["To"] = sender, _mailbox(message.to)
    sealed["Subject"] = _one_line(message.subject)
    sealed["Date"] = format_datetime(clock.now())
    name = hashlib.sha256(key.encode()).hexdigest()[:32] if key else secrets.token_hex(16)
    sealed["Message-ID"] = f"<{name}@{sender.domain}>"
    if message.automatic:
        sealed["Auto-Submitted"] = "auto-generated"
    for header, value in message.headers.items():
        if not _HEADER.fullmatch(header) or _OURS.fullmatch(header):
            raise Unsendable(f"The header {header!r} cannot be set.")
        del sealed[header]
        sealed[header] = _one_line(value)
    sealed.set_content(message.text)
    if message.html is not None:
        sealed.add_alternative(message.html, subtype="html")
    for each in message.attachments:
        main, _, sub = each.kind.partition("/")
        sealed.add_attachment(each.content, maintype=main, subtype=sub, filename=_one_line(each.name))
    return sealed


def _one_line(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise Unsendable("A header of a mail is one line without control characters.")
    return text


def _mailbox(text: str) -> Address:
    """The one mailbox the text names. Strict, as the standard parser takes `a@x b@y` and `a@x;b@y` for one."""
    found = _MAILBOX.fullmatch(_one_line(text).strip())
    if not found:
        raise Unsendable(f"{text!r} is not one mail address.")
    try:
        domain = found["domain"].encode("idna").decode()
    except UnicodeError as error:
        raise Unsendable(f"{text!r} is not one mail address.") from error
    return Address(found["name"].strip(' "') if found["name"] else "", found["local"], domain)


def _deliver(url: SplitResult, sealed: EmailMessage) -> None:
    server = _connected(url)
    try:
        server.ehlo()
        secure = (
            url.scheme == "smtps" or url.hostname in _LOOPBACK
        )  # a relay of this machine rarely has a real certificate
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            secure = True
        if url.username:
            if not secure:
                raise smtplib.SMTPNotSupportedError(
                    "The mail server offers no encryption, so the password was not sent."
                )
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(sealed)
    finally:
        _leave(server)


def _leave(server: smtplib.SMTP) -> None:
    """What was taken is taken, however the server says goodbye: an error here would have it sent twice."""
    with suppress(OSError):
        if server.sock:
            server.sock.settimeout(_GOODBYE)
        server.quit()
    server.close()


def _connected(url: SplitResult) -> smtplib.SMTP:
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, url.port or (587 if url.username else 25), timeout=TIMEOUT)
