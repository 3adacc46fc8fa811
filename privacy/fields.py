"""Model fields for personal data: sealed values that print as masks, and their blind indexes."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from django.db import models

from privacy.masks import mask_address, mask_card, mask_id, mask_phone
from privacy.sealing import blind, blinder, opener, seal, sealer, unseal

MASKS: dict[str, Callable[[str], str]] = {
    "id": mask_id,
    "card": mask_card,
    "phone": mask_phone,
    "address": mask_address,
    "text": lambda value: "＊＊＊" if value else "",
}


class Sealed:
    """One value of one row. `str()` is its mask; only `reveal()` gives the clear text.

    It knows its row, because the seal is bound to table, column and the row's school.
    """

    __slots__ = ("_bytes", "_clear", "_field", "_row")

    def __init__(
        self, field: "SealedField", row: models.Model, clear: str | None, stored: bytes | None
    ) -> None:
        self._field, self._row, self._clear, self._bytes = field, row, clear, stored

    def __str__(self) -> str:
        return MASKS[self._field.mask](self.reveal())

    def __repr__(self) -> str:
        return f"<Sealed {self._field.name}>"

    def __bool__(self) -> bool:
        return bool(self._clear) if self._clear is not None else self._bytes is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed value is not pickled: caches and queues would keep it in clear")

    def reveal(self) -> str:
        """The clear text; the caller answers for permission, reason and audit line."""
        if self._clear is None:
            self._clear = self._open()
        return self._clear

    def stored(self) -> bytes | None:
        """The bytes for the column; None for an empty value."""
        if self._bytes is None and self._clear:
            self._bytes = seal(self._clear.encode(), self._field.place(self._row))
        return self._bytes

    def _open(self) -> str:
        if self._bytes is None:
            return ""
        return unseal(self._bytes, self._field.place(self._row)).decode()


class _Slot:
    """Keeps raw bytes or clear text in the instance and hands out `Sealed`."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__.get(name)
        if not isinstance(value, Sealed):
            value = Sealed(self.field, row, None, value)
            row.__dict__[name] = value
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        if isinstance(value, memoryview | bytes):
            value = Sealed(self.field, row, None, bytes(value))
        elif isinstance(value, Sealed):
            value = Sealed(self.field, row, value.reveal(), None)
        elif value is not None:
            value = Sealed(self.field, row, str(value), None)
        row.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Personal text, sealed at rest. Assign clear text; read a `Sealed`.

    `mask` chooses how it prints: id, card, phone, address or text.
    """

    def __init__(self, *args: Any, mask: str = "text", **kwargs: Any) -> None:
        self.mask = mask
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "mask": self.mask}

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Slot(self))

    def place(self, row: models.Model) -> str:
        """Table, column and owner of the row: bytes moved elsewhere don't open."""
        owner = getattr(row, "school_id", None) or getattr(row, "organisation_id", None) or ""
        return self._place(owner)

    def _place(self, owner: object) -> str:
        return f"{self.model._meta.db_table}.{self.column}.{owner}"

    def sealer(self, owner: int) -> Callable[[str], bytes]:
        """Gives the column's bytes for rows of this owner, for writing many without instances."""
        seal_one = sealer(self._place(owner))
        return lambda clear: seal_one(clear.encode())

    def opener(self, owner: int) -> Callable[[bytes | memoryview | None], str]:
        """Gives the clear text of what rows of this owner hold, for comparing many.

        '' for nothing.
        """
        open_one = opener(self._place(owner))
        return lambda stored: "" if stored is None else open_one(bytes(stored)).decode()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        raw = value.stored() if isinstance(value, Sealed) else value
        return super().get_db_prep_value(raw, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        """Serialised dumps carry no personal data."""
        return ""


class BlindIndexField(models.BinaryField):  # type: ignore[type-arg]
    """HMAC of a sealed value, for equality search and unique constraints.

    With `of`, the name of the sealed field beside it, it follows that field whenever the row is
    saved; what writes columns without instances computes it itself.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of} if self.of else kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.of and self.of in model_instance.__dict__:
            field = model_instance._meta.get_field(self.of)
            clear = getattr(model_instance, self.of).reveal()
            value = BLINDS[field.mask](clear) if clear else None  # type: ignore[union-attr]
            setattr(model_instance, self.attname, value)
        return super().pre_save(model_instance, add)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)


def blind_id(number: str) -> bytes:
    """Blind index of an identity number."""
    return blind("id", number.upper())


def blind_ids(numbers: Iterable[str]) -> list[bytes]:
    """Blind indexes of many identity numbers."""
    blind_one = blinder("id")
    return [blind_one(number.upper()) for number in numbers]


def blind_card(number: str) -> bytes:
    """Blind index of a bank card number."""
    return blind("card", number)


def blind_cards(numbers: Iterable[str]) -> list[bytes]:
    """Blind indexes of many bank card numbers."""
    blind_one = blinder("card")
    return [blind_one(number) for number in numbers]


def blind_phone(number: str) -> bytes:
    """Blind index of a telephone number."""
    return blind("phone", number)


# By the mask of the sealed field: what its equality is asked by.
BLINDS: dict[str, Callable[[str], bytes]] = {
    "id": blind_id,
    "card": blind_card,
    "phone": blind_phone,
}
