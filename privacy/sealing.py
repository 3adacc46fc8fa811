"""Seal and open one value: AES-256-GCM or SM4-GCM, key id in front, bound to its place."""

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from privacy.keys import ring

NONCE = 12
TAG = 16


class Unsealable(Exception):
    """The bytes were not sealed for this place, or were changed since."""


class _Sealer(Protocol):
    def __call__(self, key: bytes, nonce: bytes, data: bytes, place: bytes) -> bytes: ...


# Expanding a key costs as much as sealing a telephone number with it.
_aes = lru_cache(maxsize=16)(AESGCM)


def _aes_seal(key: bytes, nonce: bytes, data: bytes, place: bytes) -> bytes:
    return _aes(key).encrypt(nonce, data, place)


def _aes_open(key: bytes, nonce: bytes, data: bytes, place: bytes) -> bytes:
    return _aes(key).decrypt(nonce, data, place)


def _sm4_seal(key: bytes, nonce: bytes, data: bytes, place: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(place)
    return encryptor.update(data) + encryptor.finalize() + encryptor.tag


def _sm4_open(key: bytes, nonce: bytes, data: bytes, place: bytes) -> bytes:
    body, tag = data[:-TAG], data[-TAG:]
    decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(place)
    return decryptor.update(body) + decryptor.finalize()


_SEAL: dict[str, _Sealer] = {"aes": _aes_seal, "sm4": _sm4_seal}
_OPEN: dict[str, _Sealer] = {"aes": _aes_open, "sm4": _sm4_open}


def seal(data: bytes, place: str) -> bytes:
    """Seal `data` for `place` (table, column and school); two seals never look the same."""
    return sealer(place)(data)


def sealer(place: str) -> Callable[[bytes], bytes]:
    """`seal` for many values of one place."""
    keys = ring()
    prefix = f"{settings.CIPHER}.{keys.current}:".encode()
    key, sealing, bound = keys.sealing[keys.current], _SEAL[settings.CIPHER], place.encode()

    def sealed(data: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return prefix + nonce + sealing(key, nonce, data, bound)

    return sealed


def unseal(sealed: bytes, place: str) -> bytes:
    """Open what `seal` made for the same place.

    Raises `Unsealable` when the key is unknown, the place differs or a byte was changed.
    """
    try:
        prefix, body = sealed.split(b":", 1)
        cipher, key_id = prefix.decode().split(".", 1)
        key = ring().sealing[key_id]
        return _OPEN[cipher](key, body[:NONCE], body[NONCE:], place.encode())
    except Exception as error:
        # One exception for every cause: the difference would tell a forger how near he is.
        raise Unsealable(place) from error


def opener(place: str) -> Callable[[bytes], bytes]:
    """`unseal` for many values of one place, most of them sealed as new ones are."""
    keys = ring()
    prefix = f"{settings.CIPHER}.{keys.current}:".encode()
    key, opening, bound = keys.sealing[keys.current], _OPEN[settings.CIPHER], place.encode()
    body = len(prefix) + NONCE

    def opened(stored: bytes) -> bytes:
        if not stored.startswith(prefix):
            return unseal(stored, place)
        try:
            return opening(key, stored[len(prefix) : body], stored[body:], bound)
        except Exception as error:
            raise Unsealable(place) from error

    return opened


def blind(kind: str, value: str) -> bytes:
    """Keyed index of `value` for equality search; `kind` keeps IDs apart from cards."""
    return blinder(kind)(value)


def blinder(kind: str) -> Callable[[str], bytes]:
    """`blind` for many values of one kind."""
    digest = hashes.SM3() if settings.CIPHER == "sm4" else hashes.SHA256()
    # What all values share is hashed once, and each goes on from a copy.
    begun = hmac.HMAC(ring().blind, digest)
    begun.update(f"{kind}\x00".encode())

    def blind_one(value: str) -> bytes:
        keyed = begun.copy()
        keyed.update(value.encode())
        return keyed.finalize()

    return blind_one
