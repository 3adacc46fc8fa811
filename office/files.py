"""The private store: files lie sealed on disk, named by chance, and open only for their owner."""

import hashlib
import os
import secrets
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from office.models import StoredFile
from privacy.sealing import seal, unseal
from schools import clock
from schools.models import Organisation, Person

# The media type of an Excel workbook.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def keep(
    *,
    organisation: Organisation,
    name: str,
    content: bytes,
    media_type: str,
    purpose: str,
    created_by: Person | None,
) -> StoredFile:
    """Seal and store `content`; written to a temporary name, fsynced, renamed, then registered."""
    path = f"{organisation.pk}/{secrets.token_hex(16)}"
    _write(Path(settings.FILES_DIR) / path, seal(content, path))
    return StoredFile.objects.create(
        organisation_id=organisation.pk,
        name=name,
        purpose=purpose,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=path,
        created_by=created_by,
        created_at=clock.now(),
    )


def content_of(file: StoredFile) -> bytes:
    """The clear bytes. Raises `Unsealable` when they were changed on disk."""
    return unseal((Path(settings.FILES_DIR) / file.path).read_bytes(), file.path)


def forget(file: StoredFile) -> None:
    """Take a file out of the store for good: its row now, its bytes when the deed is committed."""
    path = Path(settings.FILES_DIR) / file.path
    file.delete()
    transaction.on_commit(partial(path.unlink, missing_ok=True))


def download(name: str, content: bytes, media_type: str) -> HttpResponse:
    """An answer that the browser saves under `name` and keeps in no cache."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
