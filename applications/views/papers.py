"""How a paper is shown by itself."""

from django.http import HttpResponse


def inline(content: bytes, media_type: str) -> HttpResponse:
    """A paper in the browser, with no right to run anything."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
