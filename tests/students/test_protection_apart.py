"""A word about one student's protection says nothing of another, and holds while nothing is new."""

from datetime import date

from schools import clock
from students.actions import (
    list_protected,
    propose_lowering,
    refuse_lowering,
    sign_lowering,
    withdraw_lowering,
)
from students.models import ProtectionWord, SpecialGroupTag, Student, hardships, protected_among
from tests.cast import Cast
from tests.students.test_carried_tags import EARLY, tag

WHY = "父亲重病，家里没有收入"


def found(cast: Cast) -> set[int]:
    rows = protected_among(Student.objects.for_school(cast.school), clock.today())
    return set(rows.values_list("pk", flat=True))


def lowered(cast: Cast, row: Student) -> ProtectionWord:
    word = propose_lowering(student=row, reason="已就业，家里有收入", by=cast.operator)
    return sign_lowering(word=word, by=cast.reviewer)


def test_one_taken_off_takes_nobody_else_off(cast: Cast) -> None:
    first, second, third = cast.a.students
    for row in (first, second):
        for code in ("dibao", "orphan"):
            tag(row, code, EARLY, None)
    # What ended before is no hardship of today, neither then nor later.
    tag(first, "martyr_child", EARLY, date(2026, 8, 31))
    assert hardships(first, clock.today()) == ["dibao", "orphan"]
    word = lowered(cast, first)
    assert (word.held, found(cast)) == (["dibao", "orphan"], {second.pk})
    # What comes to others is nothing new of his.
    tag(second, "destitute", EARLY, None)
    tag(third, "disabled_parent", EARLY, None)
    second.disability = third.disability = "视力残疾"
    second.save()
    third.save()
    assert found(cast) == {second.pk, third.pk}
    first.disability = "视力残疾"
    first.save()
    assert first.pk in found(cast), "this is new"
    assert hardships(first, clock.today()) == ["dibao", "disabled", "orphan"]
    again = lowered(cast, first)
    assert (again.held, first.pk in found(cast)) == (["dibao", "disabled", "orphan"], False)
    SpecialGroupTag.objects.filter(student=first, group__code="orphan").delete()
    assert first.pk not in found(cast), "one less is nothing new"


def test_only_a_word_in_force_counts(cast: Cast) -> None:
    first, second, third = cast.a.students
    for row in (first, third):
        list_protected(student=row, reason=WHY, by=cast.operator)
    assert found(cast) == {first.pk, third.pk}
    for code in ("dibao", "orphan"):
        tag(second, code, EARLY, None)
    word = propose_lowering(student=second, reason="已就业，家里有收入", by=cast.operator)
    assert second.pk in found(cast), "asked is not yet said"
    refuse_lowering(word=word, reason="再核", by=cast.reviewer)
    word = propose_lowering(student=second, reason="已就业，家里有收入", by=cast.operator)
    withdraw_lowering(word=word, by=cast.operator)
    assert found(cast) == {first.pk, second.pk, third.pk}
    lowered(cast, first)
    assert found(cast) == {second.pk, third.pk}, "the word that listed him has ended"
    assert ProtectionWord.objects.filter(status="force").count() == 2
