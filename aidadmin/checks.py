"""What an installation must have been told before it serves anybody; refused in words."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.http.request import validate_host

from privacy.fields import blind_id
from privacy.sealing import Unsealable

# As `manage.py check --deploy` asks for.
SHORTEST_KEY = 50


def environment(**_: object) -> list[CheckMessage]:
    """System check: migrations and the web refuse to start on these errors."""
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


def keys(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Database check: the keys here open the numbers in there, and find them.

    Keys are made when there are none. After a restored database without its keys nobody's number
    could be read again, and everybody who is entered would be a second person.
    """
    return [error for alias in databases or () for error in _unfitting(alias)]


def _unfitting(alias: str) -> list[CheckMessage]:
    # By name: this module is read before the models are.
    person = apps.get_model("schools", "Person")
    connection = connections[alias]
    with connection.cursor() as cursor:
        if person._meta.db_table not in connection.introspection.table_names(cursor):
            return []
    numbered = person.objects.using(alias).only("id_number", "id_blind")
    known = numbered.filter(id_number__isnull=False).order_by("pk").first()
    if known is None or (settings.KEY_FILE.exists() and _found(known)):
        return []
    return [
        Error(
            f"密钥文件 {settings.KEY_FILE} 或 AID_CIPHER 与数据库不配套，证件号打不开或查不到",
            hint="从同一份备份里恢复 keys.json，AID_CIPHER 与当初一致；不要删除数据库里的任何东西",
            id="aidadmin.E003",
        )
    ]


def _found(person: Any) -> bool:
    try:
        return bool(blind_id(person.id_number.reveal()) == bytes(person.id_blind))
    except Unsealable:
        return False
