"""What reaches the log: what happened and where, never whom it was about.

An exception's message may quote a row, a path may hold a notice's token, a query a name: the log
gets the exception's type and the places in the code, and the route instead of the path.
"""

import logging
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog
from django.http import HttpRequest

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def places(error: BaseException | None) -> str:
    """The exception's type and the frames that it passed, without message or values."""
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([type(error).__name__, *lines])


class QuietFormatter(logging.Formatter):
    """Formats a record without the texts that an exception or a request brought along."""

    def formatException(self, ei: ExcInfo) -> str:
        """Type and places only."""
        return places(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        """The record's line; a request is named by its route."""
        request = getattr(record, "request", None)
        if request is not None:
            # Django's own server hands over its socket, whose record quotes the path.
            asked = request if isinstance(request, HttpRequest) else None
            match = asked and asked.resolver_match
            status = getattr(record, "status_code", "-")
            route = match.route if match else "(no route)"
            method = (asked and asked.method) or "-"
            record.msg, record.args = "%s %s %s", (status, method, route)
        # A text cached by another handler would keep what this one leaves out.
        record.exc_text = None
        line = super().format(record)
        record.exc_text = None
        return line


def _type_only(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
    return event


def configure() -> None:
    """Structured lines of our own code: level, time, event and the keys given; JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _type_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=False,
    )
