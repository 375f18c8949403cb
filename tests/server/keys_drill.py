"""A bureau's keys as its administrator handles them: a safe under a passphrase, a stick, and a server's folder."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from server import cli_keys, keyring
from server.commands import work_of
from server.keyring import Keyring
from server.keys import files, papers, root
from server.keys.changes import Change
from server.keys.safe import CARRY, Safe
from server.settings import Settings
from shared import seal
from shared.keys import KeySet, Revocations, open_key_set, open_revocations
from shared.seal import LabelVerdict
from shared.signing import Signer

PASSPHRASE = "麦子 correct horse battery staple"
CHEAP = root.Costs(passes=1, memory_kib=64, lanes=1)
HOST = "DINGPAN.TEST"
SERIALS = "1000000-1999999"
SINCE = "2026-01-01"
RECEIPT, TREE, REVOCATION, RESCUE, SEAL = 256, 257, 258, 259, 1


class Bureau:
    """Commands run as typed, on a day of the test's choosing."""

    def __init__(self, folder: Path, day: date, *, name: str = "safe") -> None:
        self.safe, self.server, self.stick, self.day = folder / name, folder / "keys", folder / f"{name}-stick", day
        files.make_folder(self.safe)
        opened = Safe(self.safe, root.make(self.safe, PASSPHRASE, CHEAP))
        opened.sign(papers.first_body([HOST], day), Change([], {}), day)

    def in_the_safe(self, action: str, *arguments: str, passphrase: str = PASSPHRASE) -> None:
        """Run a command that asks for the passphrase, which a pipe hands over."""
        reading, writing = os.pipe()
        os.write(writing, f"{passphrase}\n".encode())
        os.close(writing)
        try:
            self._run(action, *arguments, "--safe", str(self.safe), "--passphrase-fd", str(reading))
        finally:
            os.close(reading)

    def on_the_server(self, action: str, *arguments: str) -> None:
        self._run(action, *arguments, "--keys", str(self.server))

    def _run(self, *arguments: str) -> None:
        parser = argparse.ArgumentParser()
        cli_keys.add(parser.add_subparsers())
        options = parser.parse_args(["keys", *arguments])
        assert work_of(options.work)(options, _no_settings, self.day) == 0

    def carry(self) -> Path:
        """Take what is to be carried out of the safe, so that nothing of it stays there."""
        shutil.rmtree(self.stick, ignore_errors=True)
        shutil.move(self.safe / CARRY, self.stick)
        return self.stick

    def publish(self, *arguments: str) -> None:
        self.on_the_server("publish", "--from", str(self.carry()), *arguments)

    def first_keys(self) -> None:
        """Issue one key of every purpose and publish them."""
        self.first_keys_in_the_safe()
        self.publish()

    def first_keys_in_the_safe(self) -> None:
        purposes = [word for one in ("receipt", "tree", "revocation", "rescue", "seal") for word in ("--purpose", one)]
        self.in_the_safe("issue", *purposes, "--prefix", "4116", "--serials", SERIALS, "--from", SINCE)

    @property
    def ring(self) -> Keyring:
        return keyring.load(self.server)

    @property
    def root_public(self) -> bytes:
        return root.public_half(self.safe)

    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    def label(self, key_id: int, *, serial: int = 1_000_777, issued: date | None = None) -> str:
        """Return the link of a label that the server's private half of a key signs today."""
        payload = seal.Payload(key_id, serial, "411602", seal.Kind.STOCK, issued or self.day, None, bytes(4))
        return seal.make_link(payload, self.ring.signers[key_id], HOST)

    def tampered(self, **fields: Any) -> Path:
        """Return a copy of the stick whose set the root signed with other fields."""
        other = self.stick.with_name("tampered")
        shutil.copytree(self.stick, other, dirs_exist_ok=True)
        body = json.loads(json.loads((other / "key-set.json").read_text("utf-8"))["body"])
        document = papers.sign_key_set(self.opened_root(), body | fields)
        (other / "key-set.json").write_text(papers.json_text(document), "utf-8")
        return other

    def opened_root(self) -> Signer:
        return root.open_root(self.safe, lambda: PASSPHRASE)


def _no_settings() -> Settings:
    raise AssertionError("no settings are needed")


def published(app: Flask, bureau: Bureau) -> tuple[KeySet, Revocations]:
    """Return what a running server hands to anybody, verified with the root of the safe."""
    client = app.test_client()
    keys = open_key_set(client.get("/api/v1/keys").json, bureau.root_public)
    return keys, open_revocations(client.get("/api/v1/revoked").json, keys)


def verdict(app: Flask, bureau: Bureau, link: str) -> LabelVerdict:
    """Return what a label is worth with nothing but what the server hands out."""
    keys, revoked = published(app, bureau)
    return seal.open_seal(link, keys, revoked, bureau.day).verdict
