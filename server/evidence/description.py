"""How the routes of the uploads look in the API's description.

tus speaks in headers and has no JSON but its errors, so what marshmallow schemas say of the other routes is written out
here (OpenAPI 3.1). ``tests/server/test_openapi.py`` asks the routes for what stands here, sound and broken.
"""

from __future__ import annotations

from typing import Any

from server.evidence import schemas
from server.evidence.problems import (
    BadUpload,
    EvidenceDown,
    NoPicture,
    NotAsPromised,
    NotNamed,
    TooManyUploads,
    TusVersion,
    UploadGone,
    UploadTooLarge,
    UploadType,
    WrongChecksum,
    WrongOffset,
)
from server.openapi import PROBLEM_JSON
from server.problems import MethodNotAllowed, NotFound, Problem, SignInNeeded, TokenExpired

Form = dict[str, Any]

ANY = "DEFAULT_ERROR"  # the name of what any route may answer
WHOLE = f"^[0-9]{{1,{schemas.MOST_DIGITS}}}$"
VERSION: Form = {"type": "string", "const": schemas.VERSION}
OFFSET: Form = {"type": "string", "pattern": WHOLE}
LENGTH: Form = {"type": "string", "pattern": WHOLE}
EXPIRES: Form = {"type": "string", "description": "When an unfinished upload is given up, as HTTP writes a date"}
TOKEN = (SignInNeeded, TokenExpired)


def _asked(name: str, schema: Form, about: str, *, required: bool = True) -> Form:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": about}


def _told(**headers: tuple[Form, str]) -> Form:
    """Return headers of an answer, each always there; ``_`` in a name stands for ``-``."""
    said = {"Tus_Resumable": (VERSION, "The version of tus that is spoken here")} | headers
    return {
        name.replace("_", "-"): {"required": True, "schema": schema, "description": about}
        for name, (schema, about) in said.items()
    }


def _problems(*kinds: type[Problem], has_body: bool = True) -> Form:
    """Return the answers that are problems, by status; an answer to HEAD says its status alone."""
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(f"/problems/{kind.slug}")
    content = {"content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}} if has_body else {}
    found: Form = {
        str(status): {"description": ", ".join(slugs), "headers": _told()} | content
        for status, slugs in by_status.items()
    }
    return found | {"default": ANY if has_body else {"description": "Any other problem; its status alone"}}


RESUMABLE = _asked("Tus-Resumable", VERSION, "The version of tus that the phone speaks")
HOW_FAR = {
    "Upload_Offset": (OFFSET, "How many bytes of the file are safely here"),
    "Upload_Expires": (EXPIRES, "How long the rest is waited for"),
}
CHUNK: Form = {
    "required": True,
    "description": f"The bytes from the offset on, at most {schemas.CHUNK_BYTES >> 20} MiB",
    "content": {schemas.CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}
APPENDED: Form = {"204": {"description": "The chunk is safely here", "headers": _told(**HOW_FAR)}}
APPENDING = (
    *(BadUpload, *TOKEN, NotFound, WrongOffset, UploadGone, TusVersion, UploadTooLarge, UploadType, NoPicture),
    *(NotAsPromised, WrongChecksum, EvidenceDown),
)
FROM = _asked("Upload-Offset", OFFSET, "Where the chunk begins: what the server said last")
DIGEST = _asked(
    "Upload-Checksum",
    {"type": "string", "pattern": f"^({'|'.join(schemas.ALGORITHMS)}) [A-Za-z0-9+/]+={{0,2}}$"},
    "The algorithm and the base64 of the chunk's digest",
    required=False,
)


def _of_device(summary: str, parameters: list[Form], responses: Form, **more: Form) -> Form:
    about = {"summary": summary, "tags": ["uploads_api"], "security": [{"device": []}]}
    return about | {"parameters": [RESUMABLE, *parameters], "responses": responses} | more


OPTIONS: Form = {
    "summary": "Say what of tus this server speaks.",
    "tags": ["uploads_api"],
    "responses": {
        "204": {
            "description": "Version, extensions, the largest file, and the algorithms of a chunk's checksum",
            "headers": _told(
                Tus_Version=(VERSION, "The only version there is"),
                Tus_Extension=({"type": "string", "const": schemas.EXTENSIONS}, "What is spoken beyond the core"),
                Tus_Max_Size=(LENGTH, "The largest file, in bytes"),
                Tus_Checksum_Algorithm=(
                    {"type": "string", "const": ",".join(schemas.ALGORITHMS)},
                    "For Upload-Checksum",
                ),
            ),
        },
        "default": ANY,
    },
}
CREATE = _of_device(
    "Begin the upload of a file that a record of the caller names.",
    [
        _asked("Upload-Length", LENGTH, "How many bytes the file has: what the record says"),
        _asked(
            "Upload-Metadata",
            {"type": "string", "minLength": 1, "maxLength": schemas.LONGEST_METADATA},
            "`sha256`, `kind` and `record`, each with a space and its value in base64, joined by commas",
        ),
    ],
    {
        "201": {
            "description": "Begun; the chunks go to the address in Location",
            "headers": _told(Location=({"type": "string"}, "Where the chunks go"), **HOW_FAR),
        }
    }
    | _problems(BadUpload, *TOKEN, TusVersion, UploadTooLarge, NotNamed, TooManyUploads),
)
HEAD = _of_device(
    "Say how much of a file is safely here.",
    [],
    {
        "200": {
            "description": "The offset, and what was said when the upload was begun",
            "headers": _told(
                Upload_Length=(LENGTH, "How many bytes the file has"),
                Upload_Metadata=({"type": "string"}, "As it was sent"),
                **HOW_FAR,
            ),
        }
    }
    | _problems(*TOKEN, NotFound, UploadGone, TusVersion, has_body=False),
)
PATCH = _of_device(
    "Append a chunk; with the last one the whole file is checked and kept.",
    [FROM, DIGEST],
    APPENDED | _problems(*APPENDING),
    requestBody=CHUNK,
)
POST = _of_device(
    "Append a chunk where a network lets no PATCH pass.",
    [_asked("X-HTTP-Method-Override", {"type": "string", "const": "PATCH"}, "What is meant"), FROM, DIGEST],
    APPENDED | _problems(MethodNotAllowed, *APPENDING),
    requestBody=CHUNK,
)

# By endpoint: one route may have several methods, and one address several endpoints.
PATHS: dict[str, dict[str, Form]] = {
    "uploads_api.options": {"options": OPTIONS},
    "uploads_api.create": {"post": CREATE},
    "uploads_api.offset": {"head": HEAD},
    "uploads_api.append": {"patch": PATCH, "post": POST},
}
TAG: Form = {"name": "uploads_api", "description": "Photos of records, by tus 1.0.0"}
