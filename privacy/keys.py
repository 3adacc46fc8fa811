"""Keys: a file of named 32-byte secrets, made once, readable by its owner alone."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Sealing keys by id, the id used for new values, and the key of the blind indexes."""

    sealing: dict[str, bytes]
    current: str
    blind: bytes


def make_file(path: Path) -> None:
    """Write a new key file unless one is there; two makers at once leave one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ring = {
        "current": "k1",
        "sealing": {"k1": base64.b64encode(secrets.token_bytes(32)).decode()},
        "blind": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(ring))
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def ring() -> KeyRing:
    """The installation's keys; made at first use."""
    return _read(str(settings.KEY_FILE))


# Asked for with every sealed value: looking at the disk each time would cost more than sealing.
@lru_cache(maxsize=4)
def _read(name: str) -> KeyRing:
    path = Path(name)
    if not path.exists():
        make_file(path)
    raw = json.loads(path.read_text())
    return KeyRing(
        sealing={name: base64.b64decode(key) for name, key in raw["sealing"].items()},
        current=raw["current"],
        blind=base64.b64decode(raw["blind"]),
    )
