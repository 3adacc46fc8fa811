"""Many values of one place are sealed, opened and indexed as one by one."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from privacy.keys import ring
from privacy.sealing import Unsealable, blind, blinder, opener, seal, sealer, unseal

PLACE, ELSEWHERE = "table.column.1", "table.column.2"


@pytest.fixture(params=["aes", "sm4"])
def cipher(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    settings.CIPHER = request.param
    settings.KEY_FILE = tmp_path / "keys.json"
    return str(request.param)


def turn(path: Path) -> None:
    """A new key for what is sealed from now on; the file is read by each name once."""
    ring = json.loads(path.read_text())
    ring["sealing"]["k2"] = base64.b64encode(b"2" * 32).decode()
    ring["current"] = "k2"
    path.with_name("turned.json").write_text(json.dumps(ring))


def test_each_opens_what_the_other_sealed(cipher: str) -> None:
    one, many = seal(b"clear", PLACE), sealer(PLACE)
    assert unseal(many(b"clear"), PLACE) == opener(PLACE)(one) == b"clear"
    assert many(b"clear") != many(b"clear")
    assert one.startswith(cipher.encode())


def test_what_an_older_key_or_cipher_sealed_is_opened_too(cipher: str, settings: Any) -> None:
    old = seal(b"clear", PLACE)
    turn(settings.KEY_FILE)
    settings.KEY_FILE = settings.KEY_FILE.with_name("turned.json")
    new = seal(b"clear", PLACE)
    assert new.startswith(f"{cipher}.k2:".encode())
    settings.CIPHER = "sm4" if cipher == "aes" else "aes"
    opened = opener(PLACE)
    assert [opened(old), opened(new)] == [b"clear", b"clear"]


@pytest.mark.usefixtures("cipher")
def test_bytes_of_another_place_or_changed_ones_do_not_open() -> None:
    sealed = sealer(PLACE)(b"clear")
    for place, stored in (
        (ELSEWHERE, sealed),
        (PLACE, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (PLACE, sealed[:9]),
        (PLACE, b""),
    ):
        with pytest.raises(Unsealable):
            opener(place)(stored)


@pytest.mark.usefixtures("cipher")
def test_an_index_is_the_same_alone_and_among_many() -> None:
    assert blinder("id")("990") == blind("id", "990") != blinder("card")("990")


def test_an_index_stays_what_is_stored(cipher: str) -> None:
    """Of one key and kind for ever the same: RFC 2104 over either hash."""

    def hashed(data: bytes) -> bytes:
        done = hashes.Hash(hashes.SM3() if cipher == "sm4" else hashes.SHA256())
        done.update(data)
        return done.finalize()

    key = ring().blind.ljust(64, b"\0")
    inner = hashed(bytes(b ^ 0x36 for b in key) + "id\0张三9".encode())
    again = blinder("id")
    for _ in range(2):
        assert again("张三9") == hashed(bytes(b ^ 0x5C for b in key) + inner)
