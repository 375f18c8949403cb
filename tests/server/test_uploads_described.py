"""An upload from its beginning to its end is answered as the API's description says, sound and refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from server.evidence import problems
from server.evidence.schemas import CHUNK_TYPE
from server.problems import Problem
from tests.server import photos
from tests.server.sending import checksum, digest, metadata, named
from tests.server.test_openapi import DOCUMENT, operations
from tests.server.world import Phone, World

PHOTO = photos.noise((60, 45), 5)
AT, ONE = "/api/v1/uploads", "/api/v1/uploads/{upload_id}"
load_all_checks()
CHECKS = [checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
CHECKS += [checks.response_headers_conformance]


@dataclass
class Asker:
    """Asks by the description, and compares each answer with it."""

    world: World
    phone: Phone

    def ask(self, label: str, upload_id: str = "", body: bytes = b"", **said: str) -> Any:
        """Ask one operation; ``_`` in the name of a header stands for ``-``."""
        operation = next(one for one in operations(self.world.app) if one.label == label)
        about: dict[str, Any] = {"path_parameters": {"upload_id": upload_id}} if upload_id else {}
        about |= {"body": body, "media_type": CHUNK_TYPE} if body else {}
        headers = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in said.items()}
        case = operation.Case(headers=headers, **about)
        answer = case.call(headers=self.phone.headers | {"Accept-Encoding": "identity"})
        described = case.operation.responses.find_by_status_code(answer.status_code)
        assert described is not None
        assert str(answer.status_code) in case.operation.responses.status_codes, "it is not any other problem"
        case.validate_response(answer, checks=CHECKS)
        return answer

    def begin(self, content: bytes, **said: str) -> Any:
        record = named(self.world, self.phone, content)
        told = metadata(sha256=digest(content), kind="photo", record=record)
        return self.ask(f"POST {AT}", **{"Upload_Length": str(len(content)), "Upload_Metadata": told} | said)

    def begun(self, content: bytes) -> str:
        where: str = self.begin(content).headers["location"][0]
        return where.rpartition("/")[2]


@pytest.fixture
def asker(sqlite_world: World) -> Asker:
    return Asker(sqlite_world, sqlite_world.phone())


def test_a_photo_that_comes_in_two_chunks_is_answered_as_described(asker: Asker) -> None:
    assert asker.ask(f"OPTIONS {AT}").status_code == 204
    upload = asker.begun(PHOTO)
    first, rest = PHOTO[:1000], PHOTO[1000:]
    said = {"Upload_Offset": "0", "Upload_Checksum": checksum(first)["Upload-Checksum"]}
    assert asker.ask(f"PATCH {ONE}", upload, first, **said).status_code == 204
    answer = asker.ask(f"HEAD {ONE}", upload)
    assert (answer.status_code, answer.headers["upload-offset"]) == (200, ["1000"])
    by_post = {"X_HTTP_Method_Override": "PATCH", "Upload_Offset": "1000"}
    assert asker.ask(f"POST {ONE}", upload, rest, **by_post).status_code == 204
    assert asker.ask(f"HEAD {ONE}", upload).headers["upload-offset"] == [str(len(PHOTO))]


def test_so_is_what_is_refused(asker: Asker) -> None:
    upload, heic = asker.begun(PHOTO), asker.begun(photos.HEIC)
    wrong = {"Upload_Offset": "0", "Upload_Checksum": checksum(b"other")["Upload-Checksum"]}
    told = [
        asker.begin(PHOTO, Upload_Length="1").status_code,
        asker.begin(PHOTO, Upload_Length=str(1 << 30)).status_code,
        asker.begin(PHOTO, Upload_Metadata=metadata(sha256="0" * 64, kind="photo", record=upload)).status_code,
        asker.begin(PHOTO, Tus_Resumable="0.2.2").status_code,
        asker.ask(f"HEAD {ONE}", upload[::-1]).status_code,
        asker.ask(f"PATCH {ONE}", upload, PHOTO, Upload_Offset="7").status_code,
        asker.ask(f"PATCH {ONE}", upload, PHOTO, **wrong).status_code,
        asker.ask(f"PATCH {ONE}", upload, PHOTO[::-1], Upload_Offset="0").status_code,
        asker.ask(f"HEAD {ONE}", upload).status_code,
        asker.ask(f"PATCH {ONE}", heic, photos.HEIC, Upload_Offset="0").status_code,
        asker.ask(f"POST {ONE}", upload, PHOTO, Upload_Offset="0", X_HTTP_Method_Override="x").status_code,
    ]
    assert told == [400, 413, 422, 412, 404, 409, 460, 422, 410, 415, 405]


def test_an_answer_that_is_described_otherwise_is_noticed(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = asker.world.app.test_client().get(DOCUMENT).json
    whole["paths"][AT]["post"]["responses"]["201"]["headers"]["Upload-Offset"]["schema"] = {"const": "1"}
    planted = schemathesis.openapi.from_dict(whole)
    planted.app = asker.world.app
    found = [one.ok() for one in planted.get_all_operations()]
    monkeypatch.setattr("tests.server.test_uploads_described.operations", lambda _: found)
    with pytest.raises(FailureGroup, match=r"Upload-Offset|does not conform"):
        asker.begin(PHOTO)


def test_every_problem_of_an_upload_is_described() -> None:
    """Those of pictures that are shown or hidden are of other routes."""
    from server.evidence.description import PATHS

    kinds = [one for one in vars(problems).values() if isinstance(one, type) and issubclass(one, Problem)]
    slugs = {one.slug for one in kinds} - {Problem.slug}
    said = json.dumps(PATHS)
    told = {slug for slug in slugs if f"/problems/{slug}," in said or f'/problems/{slug}"' in said}
    assert slugs - told == {"bad-rectangle", "evidence-damaged"}
