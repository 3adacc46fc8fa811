"""The special groups in the order of the official form (`domain.md` §C.2)."""

from datetime import date

from students.models import SpecialGroup

SINCE = date(2021, 9, 1)
_Cell = SpecialGroup.Cell
_RURAL_AFFAIRS, _CIVIL, _DISABLED = "农业农村（乡村振兴）", "民政", "残联"
_VETERANS = "退役军人事务"

# (code, name, department, cell of the 排查 table). Rulings 2–5 of `domain.md` §B.3: monitored
# households count as 建档立卡, a disabled parent and an unattended child as 其他.
GROUPS: tuple[tuple[str, str, str, int], ...] = (
    ("lifted_out", "脱贫家庭学生", _RURAL_AFFAIRS, _Cell.REGISTERED_POOR),
    ("lifted_unstable", "脱贫不稳定家庭学生", _RURAL_AFFAIRS, _Cell.REGISTERED_POOR),
    ("marginal", "边缘易致贫家庭学生", _RURAL_AFFAIRS, _Cell.REGISTERED_POOR),
    ("sudden_hardship", "突发严重困难家庭学生", _RURAL_AFFAIRS, _Cell.REGISTERED_POOR),
    ("dibao", "低保家庭学生", _CIVIL, _Cell.RURAL_DIBAO),
    ("dibao_margin", "低保边缘家庭学生", _CIVIL, _Cell.OTHER),
    ("destitute", "特困救助供养学生", _CIVIL, _Cell.RURAL_DESTITUTE),
    ("rigid_expense", "刚性支出困难家庭学生", _CIVIL, _Cell.OTHER),
    ("other_low_income", "其他低收入家庭学生", _CIVIL, _Cell.OTHER),
    ("orphan", "孤儿", _CIVIL, _Cell.ORPHAN),
    ("de_facto_unattended", "事实无人抚养儿童", _CIVIL, _Cell.OTHER),
    ("disabled", "残疾学生", _DISABLED, _Cell.DISABLED),
    ("disabled_parent", "残疾人子女", _DISABLED, _Cell.OTHER),
    ("martyr_child", "烈士子女", _VETERANS, _Cell.OTHER),
)
RURAL_ONLY = frozenset({_Cell.RURAL_DIBAO, _Cell.RURAL_DESTITUTE})
# Counted before a grade is decided, so that nobody is dropped: ① ③ ④ ⑤ of §B.3.
COUNTS_UNGRADED = frozenset({_Cell.REGISTERED_POOR, _Cell.ORPHAN}) | RURAL_ONLY


def load() -> None:
    """Fill what is missing; what an administrator changed stays."""
    SpecialGroup.objects.bulk_create(
        [
            SpecialGroup(
                code=code,
                name=name,
                department=department,
                order=order,
                cell=cell,
                rural_only=cell in RURAL_ONLY,
                counts_ungraded=cell in COUNTS_UNGRADED,
                valid_from=SINCE,
            )
            for order, (code, name, department, cell) in enumerate(GROUPS, 1)
        ],
        ignore_conflicts=True,
    )
