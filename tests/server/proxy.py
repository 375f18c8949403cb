"""nginx with the very file that a bureau installs, in front of a server of the tests, on ports of loopback."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.serving import free_port

ROOT = Path(__file__).parents[2]
SITE = ROOT / "deploy" / "nginx.conf"
NAME, HOST = "dingpan.example.gov.cn", "127.0.0.1"
LONGEST_S = 20
WHOLE = """daemon off; pid {folder}/pid; error_log stderr crit; worker_processes 1; {user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """Where nginx listens; ``authority`` is the file of the certificate to trust, ``errors`` what nginx logs."""

    plain: int
    secure: int
    authority: Path
    errors: Path

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        is_secure: bool = True,
        source: str = HOST,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request on a connection of its own, from an address of loopback; return the answer and its bytes."""
        connection = http.client.HTTPConnection(NAME, timeout=LONGEST_S)
        connection.sock = self._line(source, is_secure=is_secure)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def begin(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        """Send the head of a request alone; return the first line that is answered."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {NAME}", *(f"{name}: {value}" for name, value in headers.items())]
        with self._line(HOST, is_secure=True) as line, line.makefile("rb") as answer:
            line.sendall("\r\n".join([*lines, "", ""]).encode())
            return answer.readline()

    def _line(self, source: str, *, is_secure: bool) -> socket.socket:
        plain = socket.create_connection((HOST, self.secure if is_secure else self.plain), LONGEST_S, (source, 0))
        return self.context().wrap_socket(plain, server_hostname=NAME) if is_secure else plain

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))


def site(server: int, plain: int, secure: int, folder: Path) -> str:
    """Return the bureau's file with our ports and paths; each place that differs must stand in it once."""
    text = SITE.read_text(encoding="utf-8")
    places = {
        "server 127.0.0.1:8340;": f"server {HOST}:{server};",
        "listen 80;": f"listen {HOST}:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen {HOST}:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/ssl/dingpan/fullchain.pem": str(folder / "certificate.pem"),
        "/etc/ssl/dingpan/privkey.pem": str(folder / "key.pem"),
        "/var/log/nginx/dingpan-error.log": str(folder / "errors"),
    }
    for theirs, ours in places.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


@contextmanager
def in_front_of(server: int, folder: Path, changed: Mapping[str, str] | None = None) -> Iterator[Proxy]:
    """Run nginx before a port of loopback; ``changed`` are planted faults of its file."""
    folder.mkdir()
    _certify(folder)
    proxy = Proxy(free_port(HOST, 0), free_port(HOST, 0), folder / "certificate.pem", folder / "errors")
    text = site(server, proxy.plain, proxy.secure, folder)
    for theirs, ours in (changed or {}).items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;" if folder.owner() == "root" else ""
    (folder / "nginx.conf").write_text(WHOLE.format(folder=folder, user=user), encoding="utf-8")
    said = folder / "said"
    command = [_program(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start")]
    with said.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            _await(process, proxy.secure, said)
            yield proxy
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    deadline = datetime.now(UTC) + timedelta(seconds=LONGEST_S)
    while process.poll() is None and datetime.now(UTC) < deadline:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            continue
        return
    raise AssertionError(said.read_text(encoding="utf-8"))


def _program() -> str:
    places = f"{ROOT / 'build/nginx/usr/sbin'}:/usr/sbin:/usr/bin:/usr/local/sbin"
    found = shutil.which("nginx", path=places)
    assert found, "make install brings nginx"
    return found


def _certify(folder: Path) -> None:
    """Make a key, and a certificate that names the bureau's host, localhost and loopback."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    hosts = [x509.DNSName(NAME), x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))]
    maker = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    maker = maker.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    maker = maker.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    maker = maker.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = maker.sign(key, hashes.SHA256())
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
