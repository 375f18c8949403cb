"""Enrolment: a one-time code makes this phone the bureau's, and pins the bureau's root.

The device key is made and kept before the code is used, so that a phone that is switched off in between has lost
nothing: with a fresh code it is the same device again.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Bureau, Device, Enrolment, Person
from fieldapp.store.store import Store
from fieldapp.store.wipe import wipe
from fieldapp.sync.client import Client, require_safe
from fieldapp.sync.failures import InsecureAddress, SyncFailure
from fieldapp.sync.token import measure_clock
from shared.errors import RefusedKeySet, RuleError
from shared.keys import open_key_set
from shared.signing import ENROL, decode_base64, encode_base64
from shared.wire.json_text import BadJson, read_json


class NotAnEnrolment(ValueError):
    """The text is not what an enrolment QR says."""


class RootDiffers(SyncFailure):
    """The server's root is not the one the QR pins: somebody stands in between, or the QR is of another server."""


def read_enrolment(text: str) -> Enrolment:
    """Return what an enrolment QR says; raises NotAnEnrolment.

    >>> read_enrolment('{"url":"https://dingpan.test","root_sha256":"' + "0" * 64 + '","code":"x"}').code
    'x'
    """
    try:
        fields = read_json(text)
        url, root, code = fields["url"], fields["root_sha256"], fields["code"]
        is_hash = len(root) == 64 and not set(root) - set("0123456789abcdef")
        if not (is_hash and isinstance(code, str) and 0 < len(code) <= 200):
            raise NotAnEnrolment
        return Enrolment(require_safe(url), root, code)
    except (BadJson, KeyError, TypeError, AttributeError, InsecureAddress) as error:
        raise NotAnEnrolment from error


def device_of(store: Store, secret: bytes) -> Device:
    """Return this phone's device, made from ``secret`` (32 random bytes) when there is none yet."""
    if store.kept.device is None:
        store.kept.device = Device(store.clock.new_id(), secret)
    device = store.kept.device
    assert device is not None  # noqa: S101 - just kept
    return device


def enrol(store: Store, client: Client, enrolment: Enrolment, device: Device, name: str) -> Person:
    """Register the device and keep what the server answers; raises a SyncFailure and keeps nothing of the answer.

    A phone that has a bureau stays with it: what it recorded goes to no other.
    """
    bureau = store.kept.bureau
    if bureau is not None and hashlib.sha256(bureau.root).hexdigest() != enrolment.root_sha256:
        raise RootDiffers("another bureau")
    message = f"{enrolment.code}\n{device.id}\n".encode()
    signer = device.signer
    body = {
        "code": enrolment.code,
        "device_id": device.id,
        "public": encode_base64(signer.public),
        "name": name,
        "signature": encode_base64(signer.sign(ENROL, message)),
    }
    answer = measure_clock(store, lambda: client.post("/devices", body))
    crashpoint("enrolment.answered")
    return _take(store, enrolment, answer)


def _take(store: Store, enrolment: Enrolment, answer: dict[str, Any]) -> Person:
    try:
        root, person = decode_base64(answer["root"]), Person.from_wire(answer["person"])
        keys, revoked = answer["keys"], answer["revoked"]
    except (KeyError, TypeError, ValueError) as error:
        raise RootDiffers("an answer without a root") from error
    if hashlib.sha256(root).hexdigest() != enrolment.root_sha256:
        raise RootDiffers("another root")
    try:
        open_key_set(keys, root)
    except RefusedKeySet as error:
        raise RootDiffers("keys of another root") from error
    if store.kept.person is not None and store.kept.person.id != person.id:
        _take_over(store)
    store.kept.bureau = Bureau(enrolment.url, root)
    crashpoint("bureau.kept")
    store.documents.take_keys(keys)
    _take_revoked(store, revoked)
    store.kept.person = person
    crashpoint("person.kept")
    store.facts.set(Fact.IS_ENROLLED, True)
    return person


def _take_over(store: Store) -> None:
    """The phone goes from one officer to another: the register is downloaded for the new one, what was made stays."""
    store.kept.refresh = None
    wipe(store)


def _take_revoked(store: Store, revoked: Any) -> None:
    """A list that cannot be trusted is left out: labels then show as not compared with one, and a pull asks again."""
    try:
        store.documents.take_revoked(revoked)
    except RuleError:
        return
