"""Reference data of this app, loaded after migration; loading twice changes nothing."""

from typing import Any

from review.models import ScoringScheme
from review.styles import STYLES

YES = {"yes": True}


def _yes(code: str, label: str, points: int, group: str = "burden") -> dict[str, Any]:
    """An item that counts when something was filled in or ticked."""
    option = {"when": YES, "points": points, "label": "有"}
    return {
        "code": code,
        "label": label,
        "field": code,
        "options": [option],
        "cap_group": group,
    }


def _groups(points: int, label: str, *codes: str) -> dict[str, Any]:
    return {"when": {"has": list(codes)}, "points": points, "label": label}


# Amounts of income are yuan per head and year; places adjust them by a new version.
RULES: dict[str, Any] = {
    "items": [
        {
            "code": "income",
            "label": "家庭人均年收入",
            "field": "income_per_head_yuan",
            "cap_group": "income",
            "options": [
                {"when": {"under": 4000}, "points": 40, "label": "4,000元以下"},
                {"when": {"under": 8000}, "points": 30, "label": "4,000—8,000元"},
                {"when": {"under": 12000}, "points": 20, "label": "8,000—12,000元"},
                {"when": {"under": 18000}, "points": 10, "label": "12,000—18,000元"},
            ],
        },
        {
            "code": "groups",
            "label": "特殊群体",
            "field": "groups",
            "cap_group": "groups",
            "options": [
                _groups(60, "孤儿或事实无人抚养", "orphan", "de_facto_unattended"),
                _groups(60, "特困救助供养", "destitute"),
                _groups(50, "最低生活保障", "dibao"),
                _groups(
                    45,
                    "脱贫或监测户",
                    "lifted_out",
                    "lifted_unstable",
                    "marginal",
                    "sudden_hardship",
                ),
                _groups(40, "残疾学生", "disabled"),
                _groups(30, "残疾人子女", "disabled_parent"),
                _groups(35, "烈士子女", "martyr_child"),
                _groups(30, "低保边缘", "dibao_margin"),
                _groups(30, "刚性支出困难", "rigid_expense"),
                _groups(20, "其他低收入", "other_low_income"),
            ],
        },
        _yes("seriously_ill", "家中有重病患者", 20),
        _yes("natural_disaster", "自然灾害", 15),
        _yes("sudden_accident", "突发意外事件", 15),
        _yes("weak_labour", "劳动能力弱", 15),
        _yes("unemployment", "失业", 10),
        _yes("debt", "欠债", 8),
        _yes("single_parent", "单亲家庭", 15),
        {
            "code": "students",
            "label": "在读子女",
            "field": "students_in_family",
            "cap_group": "burden",
            "options": [
                {"when": {"from": 3}, "points": 10, "label": "3人及以上"},
                {"when": {"from": 2}, "points": 5, "label": "2人"},
            ],
        },
    ],
    "caps": {"groups": 100, "burden": 60},
    "thresholds": [
        {"grade": "special", "from": 60},
        {"grade": "hard", "from": 35},
        {"grade": "general", "from": 15},
    ],
    "direct": [
        {
            "field": "groups",
            "when": {"has": ["orphan", "de_facto_unattended", "destitute"]},
            "grade": "special",
            "label": "直接认定：孤儿、事实无人抚养或特困供养，不低于特别困难",
        },
        {
            "field": "groups",
            "when": {
                "has": [
                    "dibao",
                    "lifted_out",
                    "lifted_unstable",
                    "marginal",
                    "sudden_hardship",
                    "disabled",
                    "martyr_child",
                ]
            },
            "grade": "hard",
            "label": "直接认定：低保、脱贫或监测户、残疾学生或烈士子女，不低于困难",
        },
    ],
}


def load() -> None:
    """The scoring scheme of the national kind, and styles of provinces to copy from.

    A place that scores otherwise adds a version of its own.
    """
    ScoringScheme.objects.get_or_create(
        code=ScoringScheme.NATIONAL, version=1, defaults={"name": "量化评估表", "rules": RULES}
    )
    for code, name, table in STYLES:
        ScoringScheme.objects.get_or_create(
            code=code, version=1, defaults={"name": name, "rules": table}
        )
