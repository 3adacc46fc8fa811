"""A workbook as an answer."""

from urllib.parse import quote

from django.http import HttpResponse

from office.files import XLSX


def attachment(content: bytes, name: str) -> HttpResponse:
    """A workbook to be saved under `name`; kept by no cache."""
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer
