"""What can be wrong with an upload or a picture, each told with the next step."""

from __future__ import annotations

from server.problems import Problem


class TusVersion(Problem):
    """The phone speaks another version of tus, or none."""

    slug, status = "tus-version", 412


class BadUpload(Problem):
    """A header of an upload is missing or wrong."""

    slug, status = "bad-upload", 400


class NotNamed(Problem):
    """No record of the caller names this file: the record comes before its photos."""

    slug, status = "not-named", 422


class UploadType(Problem):
    """A chunk travels as application/offset+octet-stream."""

    slug, status = "upload-type", 415


class UploadTooLarge(Problem):
    """The file or the chunk is larger than the settings allow."""

    slug, status = "upload-too-large", 413


class WrongOffset(Problem):
    """The chunk does not begin where the last one ended; ask for the offset."""

    slug, status = "wrong-offset", 409


class WrongChecksum(Problem):
    """The chunk is not what was sent; send it again."""

    slug, status = "wrong-checksum", 460


class UploadGone(Problem):
    """The upload took too long, or was refused; begin a new one."""

    slug, status = "upload-gone", 410


class TooManyUploads(Problem):
    """One person has too many uploads that were begun and not finished."""

    slug, status, retry_after_s = "too-many-uploads", 429, 3600


class NotAsPromised(Problem):
    """The whole file does not have the SHA-256 that its record names."""

    slug, status = "not-as-promised", 422


class NoPicture(Problem):
    """The file is no picture that we can keep; ``why`` says what is wrong with it."""

    slug, status = "no-picture", 415


class BadRectangle(Problem):
    """A rectangle to blur does not lie within the picture."""

    slug, status = "bad-rectangle", 422


class EvidenceDamaged(Problem):
    """A stored file is not what its name says: the administrator must bring it back from a backup."""

    slug, status = "evidence-damaged", 500


class EvidenceDown(Problem):
    """The store of evidence cannot be reached."""

    slug, status, retry_after_s = "evidence-down", 503, 30
