"""The manifest: what a backup holds, and by which figures a restored server is compared with the one it was made of."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from server.backup.errors import NotRestored
from server.backup.parts import Part, Source, is_name, measured
from server.backup.tables import Rows
from shared.signing import sha256_hex

MANIFEST = "manifest.json"
WHAT = "dingpan backup 1"
LARGEST = 1 << 28


@dataclass(frozen=True)
class Log:
    """The log at the snapshot: its name, size and root (hex) as its leaves give them, and the feed's epoch."""

    log_id: str
    size: int
    root: str
    feed_epoch: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything but the parts themselves. ``missing`` are files that rows name and that were not there to be taken.

    ``tree_head`` is the log's head signed at the snapshot, as it travels. ``secrets`` names the settings that a backup
    never holds.
    """

    version: str
    made_at: str
    engine: str
    engine_version: str
    revision: str
    log: Log
    tree_head: dict[str, Any]
    tables: Mapping[str, Rows]
    parts: Mapping[str, Part]
    missing: tuple[str, ...]
    secrets: tuple[str, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def text(self) -> str:
        """Return the manifest as its file holds it: the text of the body, and the SHA-256 over that."""
        body = json.dumps({"what": WHAT, **asdict(self)}, ensure_ascii=False, sort_keys=True)
        return json.dumps({"body": body, "sha256": sha256_hex(body.encode())})


def read(source: Source) -> tuple[Manifest, str]:
    """Return the manifest and the SHA-256 of its file; raises NotRestored when it is not whole."""
    try:
        with source.open(MANIFEST) as file:
            content = file.read(LARGEST)
        told = json.loads(content)
        if sha256_hex(told["body"].encode()) != told["sha256"]:
            raise ValueError("hash")
        return _manifest(json.loads(told["body"])), sha256_hex(content)
    except KeyError as error:
        raise NotRestored("There is no manifest: this is no backup, or one that was not finished.") from error
    except (ValueError, TypeError, AttributeError, OSError, tarfile.TarError, EOFError) as error:
        raise NotRestored(f"{MANIFEST} is damaged or cut off. Take another backup.") from error


def _manifest(told: dict[str, Any]) -> Manifest:
    if told.pop("what") != WHAT or not all(map(is_name, told["parts"])):
        raise ValueError("another kind of backup")
    told["log"] = Log(**told["log"])
    told["tables"] = {name: Rows(**fields) for name, fields in told["tables"].items()}
    told["parts"] = {name: Part(**fields) for name, fields in told["parts"].items()}
    told["missing"], told["secrets"] = tuple(told["missing"]), tuple(told["secrets"])
    return Manifest(**told)


def faults(source: Source, manifest: Manifest) -> Iterator[str]:
    """Read every part and yield a sentence for each that is missing, cut off or another one."""
    for name, part in manifest.parts.items():
        try:
            with source.open(name) as file:
                found = measured(file)
        except KeyError:
            yield f"{name} is missing."
        except (OSError, tarfile.TarError, EOFError):
            yield f"{name} cannot be read to its end."
        else:
            if found.bytes < part.bytes:
                yield f"{name} is cut off: {found.bytes} of {part.bytes} bytes."
            elif found != part:
                yield f"{name} is not what was backed up."
