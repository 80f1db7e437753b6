"""Mail handed to a real SMTP server in a thread of its own."""

import datetime
import email
import ipaddress
import socket
import ssl
from dataclasses import replace
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from crm.config import Settings
from crm.infra import clock, mail
from crm.infra.mail import Mail, Unsendable, send

NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
HELLO = Mail(to="王小明 <wang@example.cn>", subject="客户 “Acme” 有新的跟进", text="你好\n.\nend\n", html="<p>你好</p>")
INJECTIONS = [
    "a\nBcc: b@example.com",
    "a\r\nBcc: b@example.com",
    "a\rX: y",
    "a\0",
    "a\x0b",
    "a\x85b",
    "a\u2028b",
    "a\udc80",
]
NOT_ONE = [
    *("", "ann", "@x.com", "ann@", "a@x.com, b@x.com", "a@x.com b@x.com", "a@x.com;b@x.com", "group: a@x.com;"),
    *("<a@x.com>,", "a@b@x.com", "a@x.com>", "<a@x.com", '"a"@x.com', "a@[127.0.0.1]", "a@x..com", "A <a@x.com> B"),
]


class Kept:
    """The server's side: what it was handed."""

    def __init__(self):
        self.envelopes = []
        self.logins = []
        self.encrypted = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        self.encrypted.append(server.transport.get_extra_info("cipher") is not None)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss word", handled=False)

    def message(self):
        (envelope,) = self.envelopes
        return email.message_from_bytes(envelope.content, policy=default)


class OnAnyPort(Controller):
    """Port 0 means any free one; the library knocks at the number as given."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def serve(kept):
    running = []

    def start(**options):
        controller = OnAnyPort(kept, hostname="127.0.0.1", port=0, authenticator=kept.authenticate, **options)
        controller.start()
        running.append(controller)
        return controller.port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that vouches for itself; its file holds the key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of the test")])
    day = datetime.timedelta(days=1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(clock.now() - day)
        .not_valid_after(clock.now() + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + signed.public_bytes(pem))
    return file


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def abroad(monkeypatch):
    """Treat 127.0.0.1 as any other machine."""
    monkeypatch.setattr(mail, "_LOOPBACK", ())


def text(part):
    return part.get_content().replace("\r\n", "\n")


def settings(url=""):
    return Settings(mail_url=url, mail_from="Our CRM <crm@example.com>")


def test_the_message_arrives_whole(serve, kept):
    with clock.frozen(NOON):
        message_id = send(settings(f"smtp://127.0.0.1:{serve()}"), HELLO)
    message = kept.message()
    assert (kept.envelopes[0].mail_from, kept.envelopes[0].rcpt_tos) == ("crm@example.com", ["wang@example.cn"])
    assert message["From"] == "Our CRM <crm@example.com>"
    assert message["To"] == HELLO.to
    assert message["Subject"] == HELLO.subject
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert text(message.get_body(("plain",))) == HELLO.text
    assert text(message.get_body(("html",))) == "<p>你好</p>\n"


def test_a_plain_message_has_one_part_and_headers_may_be_added(serve, kept):
    plain = Mail(
        to="a@example.com", subject="Hi", text="x" * 2000, headers={"Reply-To": "b@example.com", "X-Kind": "提醒"}
    )
    send(settings(f"smtp://127.0.0.1:{serve()}"), plain)
    assert kept.message().get_content_type() == "text/plain"
    assert text(kept.message()) == "x" * 2000 + "\n"
    assert (kept.message()["Reply-To"], kept.message()["X-Kind"]) == ("b@example.com", "提醒")


def test_what_a_person_wrote_does_not_say_that_a_program_did(serve, kept):
    send(settings(f"smtp://127.0.0.1:{serve()}"), replace(HELLO, automatic=False))
    assert "Auto-Submitted" not in kept.message()


def test_the_same_key_gives_the_same_message_id_and_another_another():
    first, again, other = (send(settings(), HELLO, key=key) for key in ("delivery 7", "delivery 7", "delivery 8"))
    assert first == again != other
    assert first.endswith("@example.com>")
    assert "delivery" not in first
    assert send(settings(), HELLO) != send(settings(), HELLO)


@pytest.mark.parametrize("odd", INJECTIONS)
def test_a_header_cannot_smuggle_in_another(odd):
    for message in (
        Mail(to=f"{odd} <a@example.com>", subject="s", text="t"),
        Mail(to="a@example.com", subject=odd, text="t"),
        Mail(to="a@example.com", subject="s", text="t", headers={"X-Kind": odd}),
        Mail(to="a@example.com", subject="s", text="t", headers={f"X-{odd}": "y"}),
    ):
        with pytest.raises(Unsendable):
            send(settings(), message)


@pytest.mark.parametrize(
    "name", ["Bcc", "to", "From", "Message-ID", "content-type", "MIME-Version", "", "X Y", "X:", "é"]
)
def test_the_headers_that_are_ours_cannot_be_set(name):
    with pytest.raises(Unsendable):
        send(settings(), Mail(to="a@example.com", subject="s", text="t", headers={name: "b@example.com"}))


@pytest.mark.parametrize("to", NOT_ONE)
def test_only_one_mailbox_is_written_to(to):
    with pytest.raises(Unsendable):
        send(settings(), Mail(to=to, subject="s", text="t"))


def test_a_name_with_a_comma_stays_one_mailbox_and_a_chinese_domain_is_spelt_in_ascii(serve, kept):
    send(settings(f"smtp://127.0.0.1:{serve()}"), Mail(to="Lee, Ann <ann@例子.中国>", subject="s", text="t"))
    assert kept.envelopes[0].rcpt_tos == ["ann@xn--fsqu00a.xn--fiqs8s"]
    (found,) = kept.message()["To"].addresses
    assert found.display_name == "Lee, Ann"


def test_without_a_server_the_message_is_in_the_log():
    with capture_logs() as lines:
        message_id = send(settings(), HELLO)
    (line,) = lines
    assert line == {
        "event": "mail.written",
        "log_level": "info",
        "to": HELLO.to,
        "subject": HELLO.subject,
        "text": HELLO.text,
        "message_id": message_id,
    }


def test_starttls_is_used_where_offered(serve, kept, tls, trusted, abroad):
    send(settings(f"smtp://me%40example.com:p%40ss%20word@127.0.0.1:{serve(tls_context=tls)}"), HELLO)
    assert kept.encrypted == [True]
    assert kept.logins == [(b"me@example.com", b"p@ss word")]


def test_smtps_is_encrypted_from_the_first_byte(serve, kept, tls, trusted):
    send(settings(f"smtps://127.0.0.1:{serve(ssl_context=tls)}"), HELLO)
    assert kept.encrypted == [True]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(scheme, serve, kept, tls, abroad):
    port = serve(tls_context=tls) if scheme == "smtp" else serve(ssl_context=tls)
    with pytest.raises(ssl.SSLCertVerificationError):
        send(settings(f"{scheme}://127.0.0.1:{port}"), HELLO)
    assert kept.envelopes == []


def test_a_password_is_never_sent_in_the_clear(serve, kept, abroad):
    port = serve(auth_require_tls=False)
    with pytest.raises(OSError, match="password was not sent"):
        send(settings(f"smtp://me:p%40ss%20word@127.0.0.1:{port}"), HELLO)
    assert (kept.logins, kept.envelopes) == ([], [])


def test_a_relay_of_this_machine_needs_no_encryption(serve, kept):
    send(settings(f"smtp://me:p%40ss%20word@127.0.0.1:{serve(auth_require_tls=False)}"), HELLO)
    assert (kept.logins, kept.encrypted) == ([(b"me", b"p@ss word")], [False])


def test_what_the_server_does_not_take_is_an_os_error(serve, kept):
    port = serve(auth_require_tls=False)
    with pytest.raises(OSError, match="no such person"):
        send(settings(f"smtp://127.0.0.1:{port}"), Mail(to="gone@example.com", subject="s", text="t"))
    with pytest.raises(OSError, match="535"):
        send(settings(f"smtp://me:wrong@127.0.0.1:{port}"), HELLO)
    assert kept.envelopes == []


def test_a_server_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OSError, match="timed out"):
        send(settings(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), HELLO)
