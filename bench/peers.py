"""A roster by django-import-export, as its documentation begins and as it can be tuned.

It checks nothing, compares nothing beforehand and imports once, where the product shows first what
would change, keeps the rows sealed and compares them again before it writes. The row's own work is
the same: sealing, blind indexes, pinyin, the class, the guardian.
"""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import tablib
from import_export import fields, widgets
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from openpyxl import load_workbook

from bench.imports import World, content, filled, undone, world
from privacy.fields import blind_id
from students.models import Guardian, SchoolClass, Student, blind_enrolment
from students.rules.names import pinyin_of

CHOICES = {"农村": "rural", "城镇": "urban", "住校": "boarder", "走读": "day", "男": "m", "女": "f"}


class _Blind(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return blind_id(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(bytes(value).hex()) if value else ""


class Default(ModelResource):  # type: ignore[misc]
    """The peer as its documentation begins, with the columns that a student needs."""

    id_blind = fields.Field("id_blind", "身份证件号码", widget=_Blind())

    class Meta:
        model = Student
        import_id_fields = ("id_blind",)
        fields = ("id_blind",)

    def __init__(self, its: World) -> None:
        super().__init__()
        self.its = its
        self.classes = {c.name: c for c in SchoolClass.objects.for_school(its.school)}
        self.guardians: list[Guardian] = []

    def get_queryset(self) -> Any:
        return Student.objects.for_school(self.its.school)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """It would set the sequences, which the application's role may not."""

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Everything that is not a plain column: masks, indexes, pinyin, the class."""
        instance.school = self.its.school
        number = row["班级"].removesuffix("班")
        instance.school_class = self.classes[f"{row['年级']}（{number}）班"]
        instance.name = instance.name_key = row["姓名"]
        instance.pinyin, instance.initials = pinyin_of(row["姓名"])
        instance.id_number, instance.enrolment_no = row["身份证件号码"], row["学籍号"]
        instance.enrolment_blind = blind_enrolment(row["学籍号"])
        instance.sex, instance.birth_date = CHOICES[row["性别"]], row["出生日期"]
        instance.ethnicity, instance.student_no = row["民族"], row["学号"]
        instance.household, instance.boarding = CHOICES[row["户口性质"]], CHOICES[row["就读方式"]]
        instance.phone, instance.address = row["联系电话"], row["现住址"]
        instance.entered_on = date(2026, 9, 1)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        guardian, _ = Guardian.objects.get_or_create(
            school=self.its.school, student=instance, name=row["监护人姓名"]
        )
        guardian.relation, guardian.phone = row["监护人关系"], row["监护人电话"]
        guardian.save()


class Tuned(Default):
    """The peer with everything that its documentation offers for speed."""

    class Meta:
        use_bulk = True
        batch_size = 1_000
        skip_diff = True
        skip_unchanged = True
        force_init_instance = False
        instance_loader_class = CachedInstanceLoader
        import_id_fields = ("id_blind",)
        fields = ("id_blind",)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        guardian = Guardian(school=self.its.school, student=instance, name=row["监护人姓名"])
        guardian.relation, guardian.phone = row["监护人关系"], row["监护人电话"]
        self.guardians.append(guardian)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        Guardian.objects.bulk_create(self.guardians, batch_size=1_000, ignore_conflicts=True)


class Again(Default):
    """Without its comparison, which copies instances and can't copy sealed values."""

    class Meta:
        skip_diff = True
        import_id_fields = ("id_blind",)
        fields = ("id_blind",)


def default(rows: int) -> Callable[[], None]:
    """A query and an INSERT for each of the first `rows`."""
    return lambda: _imported(Default, world("甲"), rows)


def tuned(rows: int) -> Callable[[], None]:
    """bulk_create in batches, one look at what is there, no comparison kept."""
    return lambda: _imported(Tuned, world("甲"), rows)


def again(rows: int) -> Callable[[], None]:
    """A query and an UPDATE for each of the first `rows`, on the roster that is there."""
    return lambda: _imported(Again, filled(), rows)


def _imported(kind: type[Default], its: World, rows: int) -> None:
    def act(its: World) -> int:
        result = kind(its).import_data(_dataset(rows), raise_errors=True, use_transactions=False)
        return int(result.total_rows)

    undone(act, its, rows)


def _dataset(rows: int) -> Any:
    cells = (
        load_workbook(io.BytesIO(content(rows)), read_only=True)
        .worksheets[0]
        .iter_rows(values_only=True)
    )
    found = tablib.Dataset(headers=next(cells))
    for row in cells:
        found.append(["" if value is None else value for value in row])
    return found
