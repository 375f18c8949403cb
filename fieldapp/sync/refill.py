"""Loading the snapshot of a region: its bytes part by part, its hash, then its rows, some at a time.

Whatever ends the program, the bytes that have come and the rows that are applied stay, and the next round goes on from
there. Rows are applied in small transactions, so that whoever looks something up meanwhile hardly waits.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from json import loads
from typing import Any

from fieldapp.crashpoint import crashpoint
from fieldapp.store.facts import Fact
from fieldapp.store.refills import Refill
from fieldapp.store.register import Change
from fieldapp.store.store import Store
from fieldapp.sync.client import API
from fieldapp.sync.failures import Refused
from fieldapp.sync.papers import refresh_keys
from fieldapp.sync.token import Session
from shared.snapshots import Manifest, open_manifest

PART_BYTES = 1 << 20
BATCH = 2_000
GZIP = 16 + zlib.MAX_WBITS
GONE = (404, 410, 416)


class Unusable(Exception):
    """A snapshot is gone, or is not what was ordered: another has to be asked for."""


def refill_from(row: Any) -> Refill | None:
    """Read an order of an answer; None for one that is none of this protocol."""
    if not isinstance(row, dict) or type(row.get("seq")) is not int:
        return None
    scope, url, sha256 = (str(row.get(name, "")) for name in ("scope", "snapshot_url", "sha256"))
    return Refill(scope, url, sha256, row["seq"]) if scope else None


def load(store: Store, session: Session, refill: Refill, told: Callable[[int], None]) -> None:
    """Load a snapshot into the register; ``told`` hears of each number of rows that came. Raises Unusable."""
    if not refill.url.startswith(f"{API}/"):
        raise Unusable("an address elsewhere")
    path = refill.url.removeprefix(API)
    try:
        manifest = _manifest(store, session, refill, path)
        _fetch(store, session, refill, path, manifest.bytes)
    except Refused as refusal:
        if refusal.status not in GONE:
            raise
        raise Unusable(str(refusal)) from refusal
    _require_whole(store, refill, manifest)
    crashpoint("refill.whole")
    try:
        _apply(store, refill, told)
    except (zlib.error, ValueError) as error:
        raise Unusable("signed, and no rows") from error
    store.refills.done(refill)
    crashpoint("refill.done")


def _manifest(store: Store, session: Session, refill: Refill, path: str) -> Manifest:
    document = session.call(lambda client: client.get(f"{path}/manifest"))
    found = _opened(store, document)
    if found is None:
        refresh_keys(store, session)
        found = _opened(store, document)
    if found is None or (found.scope, found.sha256, found.seq) != (refill.scope, refill.sha256, refill.seq):
        raise Unusable("a manifest of something else")
    return found


def _opened(store: Store, document: Any) -> Manifest | None:
    keys = store.documents.keys
    return open_manifest(document, keys) if keys else None


def _fetch(store: Store, session: Session, refill: Refill, path: str, size: int) -> None:
    """Fetch what is missing; a server that sends the whole where a part was asked for begins anew."""
    while (held := store.refills.bytes_held()) < size:
        begins, content = _part(session, refill, path, held)
        if begins != held:
            store.refills.drop_parts()
        if begins not in (held, 0) or not content:
            raise Unusable("another part than was asked for")
        store.refills.add_part(refill, content)
        crashpoint("refill.part_kept")


def _part(session: Session, refill: Refill, path: str, begins: int) -> tuple[int, bytes]:
    return session.call(
        lambda client: client.part(path, begins=begins, ends=begins + PART_BYTES - 1, etag=f'"{refill.sha256}"')
    )


def _require_whole(store: Store, refill: Refill, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    for part in store.refills.parts(refill):
        digest.update(part)
    if digest.hexdigest() != refill.sha256 or store.refills.bytes_held() != manifest.bytes:
        raise Unusable("other bytes than were signed")


def _apply(store: Store, refill: Refill, told: Callable[[int], None]) -> None:
    round_no, applied = store.facts.get(Fact.ROUND, 0), refill.applied
    lines = islice(_lines(store.refills.parts(refill)), applied, None)
    told(applied)
    while some := list(islice(lines, BATCH)):
        rows = store.register.sealed([change for line in some if (change := _change_of(line))], round_no)
        applied += len(some)
        with store.database.write() as connection:
            store.register.apply(connection, rows)
            store.refills.applied(connection, refill, applied)
            crashpoint("refill.batch_applied")
        told(len(some))


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a squeezed file, with no more of it open than a part.

    >>> import gzip
    >>> squeezed = gzip.compress(b"one\\ntwo\\n")
    >>> list(_lines([squeezed[:15], squeezed[15:]]))
    [b'one', b'two']
    """
    opener, rest = zlib.decompressobj(GZIP), b""
    for part in parts:
        while part:
            *lines, rest = (rest + opener.decompress(part, PART_BYTES)).split(b"\n")
            yield from lines
            part = opener.unconsumed_tail
    yield from filter(None, [*(rest + opener.flush()).split(b"\n")])


def _change_of(line: bytes) -> Change | None:
    """Read a line of a snapshot. Where its body stands last, as servers write it, it is kept letter for letter.

    >>> _change_of(b'{"kind":"place","id":"p","rev":2,"deleted":false,"body":{"name": "x"}}').text
    b'{"name": "x"}'
    >>> _change_of(b'{"body":{"name": "x"},"kind":"place","id":"p"}').text is None
    True
    """
    head, _, rest = line.partition(b',"body":')
    text = rest[:-1]
    try:
        row, body = loads(f"{head.decode()}}}"), loads(text.decode())
        row["body"] = body
    except (ValueError, TypeError):
        return change_from(loads(line.decode()))
    return change_from(row, text)


def change_from(row: Any, text: bytes | None = None) -> Change | None:
    """Read a change; a row that is none of this protocol is passed over, so that it can never stop the others."""
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str) or not isinstance(row.get("id"), str):
        return None
    body, rev = row.get("body"), row.get("rev")
    if row.get("deleted") or not isinstance(body, dict):
        body = text = None
    return Change(row["kind"], row["id"], rev if isinstance(rev, int) else 0, body, text)
