"""Rule tables in the style of two provinces (`domain.md` §C.1), to be copied from.

They hold for nobody: a place copies one, sets what its own paper says, and enacts the copy. What
is published of them stands in the figures; the note tells what was added to make a whole table,
and what only a person can judge since nobody records it.
"""

from typing import Any

from review.facts import LISTED

_LISTS = [LISTED, "allowance", "disability"]


def _item(
    code: str, label: str, field: str, options: list[dict[str, Any]], group: str = "", **more: Any
) -> dict[str, Any]:
    found = {"code": code, "label": label, "field": field, "options": options, **more}
    return {**found, "cap_group": group} if group else found


def _group(points: int, label: str, *codes: str) -> dict[str, Any]:
    return {"when": {"has": list(codes)}, "points": points, "label": label}


def _says(points: int, label: str, *words: str) -> dict[str, Any]:
    return {"when": {"says": list(words)}, "points": points, "label": label}


def _yes(code: str, label: str, points: int, group: str) -> dict[str, Any]:
    option = {"when": {"yes": True}, "points": points, "label": "有"}
    return _item(code, label, code, [option], group)


def _starts(special: int, hard: int, general: int) -> list[dict[str, Any]]:
    named = (("special", special), ("hard", hard), ("general", general))
    return [{"grade": grade, "from": points} for grade, points in named]


def _work(code: str, label: str) -> dict[str, Any]:
    steady = ("公务员", "机关", "事业单位", "教师", "医生", "国企")
    without = ("务农", "农民", "无业", "失业", "待业")
    options = [_says(-2, "机关、事业单位、国企在职", *steady), _says(8, "务农或无业", *without)]
    return _item(code, label, code, options)


JIANGSU: dict[str, Any] = {
    "basis": "江苏省2020年公布的量化办法，按公开资料整理",
    "note": (
        "取自公开办法的：城乡1至3分，本人残疾30分，特殊家庭合计不超过100分，离异20分，"
        "父母职业-2至8分。自行拟定、复制后须按本地文件改的：特殊家庭每类100分，"
        "父母职业只列两端，三个等级的起分。系统没有记录、须由人核实后在评议和审定时考虑的："
        "生源地域5、7、10、15分，县镇2分，本人重病重残50分，父母一方亡故40分"
        "（表里单亲按离异计20分），优抚、因公牺牲警察、困境儿童和特困职工家庭，父母健康和"
        "兄弟姐妹就学的分值。"
    ),
    "items": [
        _item(
            "household",
            "城乡",
            "household",
            [
                {"when": {"has": ["rural"]}, "points": 3, "label": "农村"},
                {"when": {"has": ["urban"]}, "points": 1, "label": "城镇"},
            ],
        ),
        _item(
            "own_health",
            "本人健康",
            "groups",
            [_group(30, "残疾", "disabled")],
            evidence=[LISTED, "disability"],
        ),
        _item(
            "families",
            "特殊家庭",
            "groups",
            [
                _group(
                    100,
                    "建档立卡（脱贫、监测户）",
                    "lifted_out",
                    "lifted_unstable",
                    "marginal",
                    "sudden_hardship",
                ),
                _group(100, "最低生活保障", "dibao"),
                _group(100, "特困供养", "destitute"),
                _group(100, "孤儿或事实无人抚养", "orphan", "de_facto_unattended"),
                _group(100, "优抚（烈士子女）", "martyr_child"),
            ],
            "families",
            evidence=[LISTED, "allowance"],
        ),
        _yes("single_parent", "单亲（离异）", 20, "families"),
        _work("father_work", "父亲职业"),
        _work("mother_work", "母亲职业"),
    ],
    "caps": {"families": 100},
    "cap_names": {"families": "特殊家庭"},
    "thresholds": _starts(100, 60, 30),
    "direct": [],
}

_SEVEN = (
    ("建档立卡（脱贫、监测户）", "lifted_out", "lifted_unstable", "marginal", "sudden_hardship"),
    ("低保", "dibao"),
    ("特困供养", "destitute"),
    ("孤儿或事实无人抚养", "orphan", "de_facto_unattended"),
    ("残疾学生", "disabled"),
    ("残疾人子女", "disabled_parent"),
    ("烈士子女", "martyr_child"),
)

CHONGQING: dict[str, Any] = {
    "basis": "重庆一所高校公布的量化办法，按公开资料整理",
    "note": (
        "取自公开办法的：七类学生直接计100分，其余学生工作收入不超过50分、医疗不超过10分、"
        "家庭状况不超过40分。自行拟定、复制后须按本地文件改的：各类里每一项的分值，"
        "三个等级的起分，七类按2018年认定办法列出。系统没有记录、须由人核实后在评议和审定时"
        "考虑的：医疗费用的金额，父母工作单位的性质。"
    ),
    "items": [
        _item(
            "income",
            "家庭人均年收入",
            "income_per_head_yuan",
            [
                {"when": {"under": 4000}, "points": 50, "label": "4,000元以下"},
                {"when": {"under": 8000}, "points": 40, "label": "4,000—8,000元"},
                {"when": {"under": 12000}, "points": 25, "label": "8,000—12,000元"},
                {"when": {"under": 18000}, "points": 10, "label": "12,000—18,000元"},
            ],
            "work",
        ),
        _yes("unemployment", "失业", 10, "work"),
        _yes("seriously_ill", "家中有重病患者", 10, "medical"),
        _item(
            "unwell",
            "患病或残疾的家庭成员",
            "unwell",
            [{"when": {"from": 1}, "points": 5, "label": "1人及以上"}],
            "medical",
        ),
        _yes("single_parent", "单亲家庭", 15, "family"),
        _yes("weak_labour", "劳动能力弱", 15, "family"),
        _yes("natural_disaster", "自然灾害", 15, "family"),
        _yes("sudden_accident", "突发意外事件", 15, "family"),
        _yes("debt", "欠债", 10, "family"),
        _item(
            "students",
            "在读子女",
            "students_in_family",
            [
                {"when": {"from": 3}, "points": 10, "label": "3人及以上"},
                {"when": {"from": 2}, "points": 5, "label": "2人"},
            ],
            "family",
        ),
    ],
    "caps": {"work": 50, "medical": 10, "family": 40},
    "cap_names": {"work": "工作收入", "medical": "医疗", "family": "家庭状况"},
    "thresholds": _starts(70, 50, 30),
    "direct": [
        {
            "field": "groups",
            "when": {"has": codes},
            "grade": "special",
            "points": 100,
            "label": f"直接认定：{label}",
            "evidence": _LISTS,
        }
        for label, *codes in _SEVEN
    ],
}

# Code, name and table of each style; another edition is another version.
STYLES = (("jiangsu", "江苏样式", JIANGSU), ("chongqing", "重庆样式", CHONGQING))
