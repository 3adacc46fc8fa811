"""Sealed fields: masks outside, bound to their place, and blind indexes for equality."""

import pickle

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError
from pytest_django.fixtures import Settings

from privacy.fields import Sealed, blind_card, blind_id
from privacy.keys import make_file, ring
from privacy.sealing import Unsealable, blind, seal, unseal
from students.models import Student
from tests.cast import Cast, student

NUMBER = "110105194912310" + "02X"


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_what_is_sealed_opens_only_in_its_place(settings: Settings, cipher: str) -> None:
    settings.CIPHER = cipher
    sealed = seal(NUMBER.encode(), "students.id.7")
    assert unseal(sealed, "students.id.7") == NUMBER.encode()
    with pytest.raises(Unsealable):
        unseal(sealed, "students.id.8")


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_any_changed_byte_is_found(settings: Settings, cipher: str) -> None:
    settings.CIPHER = cipher
    sealed = seal(b"secret", "place")
    for i in range(len(sealed)):
        changed = bytearray(sealed)
        changed[i] ^= 1
        with pytest.raises(Unsealable):
            unseal(bytes(changed), "place")


def test_a_value_sealed_by_one_cipher_opens_after_the_setting_changed(
    settings: Settings,
) -> None:
    settings.CIPHER = "aes"
    sealed = seal(b"x", "place")
    settings.CIPHER = "sm4"
    assert unseal(sealed, "place") == b"x"


def test_the_same_value_never_looks_the_same() -> None:
    assert seal(b"x", "p") != seal(b"x", "p")


def test_the_blind_index_is_stable_and_keeps_kinds_apart() -> None:
    assert blind_id("12x") == blind_id("12X")
    assert blind("id", "1") != blind("card", "1")
    assert len(blind_card("1")) == 32


def test_a_second_key_file_does_not_replace_the_first() -> None:
    first = ring()
    make_file(settings.KEY_FILE)
    assert ring() == first
    assert settings.KEY_FILE.stat().st_mode & 0o077 == 0


def test_a_row_prints_the_mask_and_reveals_on_request(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    clear = row.id_number.reveal()
    assert len(clear) == 18
    assert str(row.id_number).startswith(clear[:3])
    assert clear[6:14] not in f"{row.id_number} {row.id_number!r}"
    assert isinstance(row.id_number, Sealed)


def test_the_column_holds_no_clear_text(cast: Cast) -> None:
    row = cast.a.students[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM students_student WHERE id = %s", [row.pk])
        stored = bytes(cursor.fetchone()[0])
    assert row.id_number.reveal().encode() not in stored


def test_bytes_moved_to_another_row_of_another_school_do_not_open(cast: Cast) -> None:
    mine = Student.objects.get(pk=cast.a.students[0].pk)
    mine.school_id = cast.b.school.pk
    with pytest.raises(Unsealable):
        mine.id_number.reveal()


def test_bulk_writing_seals_too(cast: Cast) -> None:
    row = cast.a.students[0]
    row.phone = "14200000001"
    Student.objects.bulk_update([row], ["phone"])
    assert Student.objects.get(pk=row.pk).phone.reveal() == "14200000001"
    assert str(row.phone) == "142****0001"


def test_an_empty_value_is_false_and_null(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    assert not row.address
    assert str(row.address) == ""
    assert Student.objects.filter(pk=row.pk, address=None).exists()


def test_a_deferred_value_is_read_when_asked_for(cast: Cast) -> None:
    row = Student.objects.only("name").get(pk=cast.a.students[0].pk)
    assert row.id_number.reveal() == cast.a.students[0].id_number.reveal()


def test_a_clear_value_is_not_pickled_into_caches(cast: Cast) -> None:
    row = cast.a.students[0]
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(row.id_number)


def test_the_database_knows_the_same_person_twice_in_one_school(cast: Cast) -> None:
    number = cast.a.students[0].id_number.reveal()
    with pytest.raises(IntegrityError, match="student_once_in_school"), transaction.atomic():
        student(cast.a.school_class, "重复", id_number=number)
