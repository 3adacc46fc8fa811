"""The demonstration in the main database: five schools at five stages of the term."""

from datetime import date

from django.db import transaction

from aidadmin.demo import district, last_year, walk
from aidadmin.demo.district import PASSWORD
from aidadmin.demo.rolls import PLANS
from schools import almanac
from schools.models import Organisation

# Where each school stands when the demonstration opens on 27 November.
STAGE_OF = {
    "gaozhong": "paid",
    "zhizhong": "awarded",
    "chuzhong": "recognised",
    "xiaoxue": "appraised",
    "minban": "roster",
}
OPENS_ON = date(2026, 11, 27)


def prepare() -> str:
    """Build the district unless it is there; all or nothing."""
    if Organisation.objects.filter(code="990000").exists():
        return "演示区已就绪。"
    with transaction.atomic():
        demo = district.found()
        last_year.begin(demo)
        walk.begin(demo)
        for school in demo.schools:
            walk.walk(school, STAGE_OF[school.plan.key])
        almanac.move_clock(to=OPENS_ON)
    return "演示区已建立。"


def listing() -> str:
    """Address book of the demonstration: one account per role."""
    main = PLANS[2].key
    rows = [
        (f"{main}-operator", "示范第一高级中学 资助专干（经办）"),
        (f"{main}-reviewer", "示范第一高级中学 审核人"),
        (f"{main}-leader", "示范第一高级中学 分管领导"),
        (f"{main}-finance", "示范第一高级中学 财务"),
        (f"{main}-teacher1", "示范第一高级中学 高一（1）班班主任"),
        (f"{main}-committee1", "示范第一高级中学 领导小组成员"),
        ("dong-operator", "东示范区教育局 资助中心经办"),
        ("dong-reviewer", "东示范区教育局 资助中心审核"),
        ("city-operator", "示范市教委 资助中心经办"),
        ("admin", "系统管理员"),
    ]
    lines = [f"  {name:<22}{what}" for name, what in rows]
    others = "、".join(plan.key for plan in PLANS if plan.key != main)
    return "\n".join(
        [
            f"演示账号（密码都是 {PASSWORD}）：",
            *lines,
            f"  其他学校把前缀换成 {others}；各校停在学期的不同阶段。",
        ]
    )
