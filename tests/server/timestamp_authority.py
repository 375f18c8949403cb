"""A timestamp authority for tests: openssl's, with a root of its own, behind a real HTTP server on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa_config]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


class TimestampAuthority:
    """Makes real tokens; ``spoil`` changes what is answered, ``content_type`` its name, ``points_to`` redirects."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, ""
        self.asked = 0
        self.canned: bytes | None = None
        self.points_to = ""
        self.content_type = "application/timestamp-reply"
        folder.mkdir()
        for name in ("root", "tsa"):
            (folder / f"{name}.cnf").write_text(CONFIG.format(name=name, folder=folder))
            self._openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", f"{name}.key")
        for_ten_years = ("-days", "3650")
        root = ("req", "-x509", "-new", "-key", "root.key", "-config", "root.cnf", "-extensions", "ca", *for_ten_years)
        self._openssl(*root, "-out", "root.pem")
        self._openssl("req", "-new", "-key", "tsa.key", "-config", "tsa.cnf", "-out", "tsa.csr")
        signed = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
        self._openssl(*signed, "-extfile", "tsa.cnf", "-extensions", "tsa", *for_ten_years, "-out", "tsa.pem")
        (folder / "serial").write_text("01\n")

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a query, as openssl makes it."""
        self.asked += 1
        if self.canned is not None:
            return self.canned
        (self.folder / "query.tsq").write_bytes(query)
        reply = ("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa_config", "-queryfile", "query.tsq")
        self._openssl(*reply, "-out", "reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def served(authority: TimestampAuthority) -> Iterator[TimestampAuthority]:
    """Serve an authority on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            is_query = self.headers["Content-Type"] == "application/timestamp-query"
            content = authority.answer(query) if is_query else b""
            self.send_response(307 if authority.points_to else 200 if is_query else 415)
            if authority.points_to:
                self.send_header("Location", authority.points_to)
            self.send_header("Content-Type", authority.content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield authority
        server.shutdown()
        thread.join()
