"""What an installation must have been told before it serves anybody; refused in words."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.http.request import validate_host

# As `manage.py check --deploy` asks for.
SHORTEST_KEY = 50


def environment(**_: object) -> list[CheckMessage]:
    """System check: migrations, workers and the web refuse to start on these errors."""
    return [*_secret_key(), *_address()]


def _secret_key() -> list[CheckMessage]:
    key = settings.SECRET_KEY
    if key != settings.UNSET_KEY and len(key) >= SHORTEST_KEY:
        return []
    return [
        Error(
            f"AID_SECRET_KEY 没有设置，或者不足{SHORTEST_KEY}个字符",
            hint="用 openssl rand -hex 32 生成一个，写进 deploy/env",
            id="aidadmin.E001",
        )
    ]


def _address() -> list[CheckMessage]:
    """Letters carry this address in print: a wrong one is found by families, too late."""
    if not settings.SECURE_COOKIES:
        return []
    address = urlsplit(settings.BASE_URL)
    if address.scheme == "https" and validate_host(address.hostname or "", settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            f"AID_BASE_URL 是“{settings.BASE_URL}”，应以 https:// 开头，域名也要写在 AID_HOSTS 里",
            hint="家长填报的信和投票码都印这个地址；在 deploy/env 里改成浏览器里用的完整地址",
            id="aidadmin.E002",
        )
    ]
