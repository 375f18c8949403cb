"""Evidence in an S3-compatible store: ``files/<sha256>``, and ``parts/<name>`` for uploads on their way.

The SHA-256 travels with every file, so that the store refuses what did not arrive whole; it is compared again whenever
a file is read. A file is put only where none is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from server.evidence.store import StoreDown, checked, is_sha256
from server.settings import S3

MISSING = ("404", "NoSuchKey", "NotFound")
THERE = ("412", "PreconditionFailed", "ConditionalRequestConflict")
CONNECT_S, ANSWER_S, TRIES = 5, 30, 3


class S3Store:
    """Keeps evidence in a bucket; ``prefix`` is "" or ends with a slash."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    @classmethod
    def of(cls, named: S3) -> S3Store:
        """Return the store that the settings name."""
        import boto3
        from botocore.config import Config

        client = boto3.client(
            "s3",
            endpoint_url=named.endpoint or None,
            region_name=named.region,
            aws_access_key_id=named.key,
            aws_secret_access_key=named.secret,
            config=Config(connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries={"total_max_attempts": TRIES}),
        )
        return cls(client, named.bucket, named.prefix)

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content)
        sha256, checksum = digest.hexdigest(), base64.b64encode(digest.digest()).decode()
        if self.get(sha256) is None:
            with _told(THERE):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._file(sha256),
                    Body=content,
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
        return sha256

    def get(self, sha256: str) -> bytes | None:
        content = self._read(self._file(sha256)) if is_sha256(sha256) else None
        return None if content is None else checked(sha256, content)

    def put_part(self, name: str, content: bytes) -> None:
        with _told():
            self._client.put_object(Bucket=self._bucket, Key=self._part(name), Body=content)

    def get_part(self, name: str) -> bytes | None:
        return self._read(self._part(name))

    def drop_part(self, name: str) -> None:
        with _told(MISSING):
            self._client.delete_object(Bucket=self._bucket, Key=self._part(name))

    def parts(self) -> Iterator[tuple[str, datetime]]:
        found: list[tuple[str, datetime]] = []
        with _told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._part("")):
                rows = page.get("Contents", [])
                found += [(row["Key"].removeprefix(self._part("")), row["LastModified"]) for row in rows]
        return iter(found)

    def _read(self, key: str) -> bytes | None:
        found: list[bytes] = []
        with _told(MISSING):
            found.append(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        return found[0] if found else None

    def _file(self, sha256: str) -> str:
        return f"{self._prefix}files/{sha256}"

    def _part(self, name: str) -> str:
        return f"{self._prefix}parts/{name}"


@contextmanager
def _told(expected: tuple[str, ...] = ()) -> Iterator[None]:
    """Sort what the store says; an ``expected`` answer is none of its troubles."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in expected:
            raise StoreDown(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise StoreDown(type(error).__name__) from error
