"""The special groups: form order, cells of the 排查 table, loading twice."""

from students import reference
from students.models import SpecialGroup

CELLS = {
    "lifted_out": 1,
    "lifted_unstable": 1,
    "marginal": 1,
    "sudden_hardship": 1,
    "dibao": 3,
    "dibao_margin": 6,
    "destitute": 4,
    "rigid_expense": 6,
    "other_low_income": 6,
    "orphan": 5,
    "de_facto_unattended": 6,
    "disabled": 2,
    "disabled_parent": 6,
    "martyr_child": 6,
}


def test_fourteen_groups_in_form_order(db: None) -> None:
    groups = list(SpecialGroup.objects.all())
    assert [(g.code, g.cell) for g in groups] == list(CELLS.items())
    assert [g.order for g in groups] == list(range(1, 15))
    assert {g.code for g in groups if g.rural_only} == {"dibao", "destitute"}
    assert {g.cell for g in groups if g.counts_ungraded} == {1, 3, 4, 5}
    assert not any(g.counts_ungraded for g in groups if g.cell in (2, 6))


def test_loading_again_keeps_what_an_administrator_changed(db: None) -> None:
    SpecialGroup.objects.filter(code="de_facto_unattended").update(cell=5)
    reference.load()
    assert SpecialGroup.objects.count() == 14
    assert SpecialGroup.objects.get(code="de_facto_unattended").cell == 5
