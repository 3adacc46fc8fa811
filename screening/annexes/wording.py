"""The printed words of both tables, to the letter: line breaks, full-width signs and spaces."""

from screening.annexes.contents import Kind

CATEGORY_HEADS = (
    ("E4:F4", "建档立卡学生数", "G4"),
    ("H4:I4", "非建档立卡的家庭经济困难残疾学生数", "J4"),
    ("K4", "农村低保\n家庭学生数", "L4"),
    ("E5:F5", "农村特困救助供养学生数", "G5"),
    ("H5:I5", "孤儿学生数", "J5"),
    ("K5", "学校认定的其他家庭经济困难学生数", "L5"),
)
TITLE = {
    Kind.ANNEX_1: "普通高校（中职学校）家庭经济困难学生排查统计汇总表",
    Kind.ANNEX_2: "区教育局家庭经济困难学生排查统计汇总表",
}
HOLDER = {
    Kind.ANNEX_1: "学校名称（公章）：",
    Kind.ANNEX_2: "区教育局名称（公章）：",
}
TOTAL = "家庭困难学生总数"
OF_WHICH = "其中"
COVERAGE = {
    Kind.ANNEX_1: "高校是否100%按照最高档次落实建档立卡、农村低保、农村特困救助、孤残学生、烈士子女"
    "及家庭遭遇自然灾害或突发事件学生的国家助学金",
    Kind.ANNEX_2: "义务教育阶段是否100%落实建档立卡、非建档立卡家庭经济困难残疾、农村低保、"
    "农村特困救助四类学生，以及家庭经济困难寄宿生生活补助",
}
COVERED = "覆盖学生数"
COVERAGE_REASON = "具体原因及整改措施"
FOUND = "经排查是否发现有应助未助学生情况    {yes}是  {no}否"
DETAILS_TITLE = "排查发现应助未助情况"
DETAIL_HEADS = {
    Kind.ANNEX_1: {
        "A": "序号",
        "B": "姓名",
        "C": "身份\n证号",
        "D": "学院\n（系）",
        "E": "班级",
        "F": "家庭经济\n困难类型",
        "G": "是否建档立卡家庭",
        "H": "是否已享受\n部分资助",
        "K": "其他应资助未资助原因",
        "L": "解决措施\n与时限",
    }
}
DETAIL_HEADS[Kind.ANNEX_2] = {
    **DETAIL_HEADS[Kind.ANNEX_1],
    "D": "学校",
    "G": "是否建档\n立卡家庭",
}
RECEIVED = "已享受资助\n项目情况"
RECEIVED_WHEN, RECEIVED_WHAT = "时间", "名称"
_NOTE_1 = (
    "说明：1.家庭经济困难类型包括：建档立卡学生、非建档立卡的家庭经济困难残疾学生、农村低保家庭学生、"
    "农村特困救助供养学生、孤儿、其他学校认定的家庭经济困难学生。\n"
)
NOTE = {
    # The two printings differ: indented with a full stop, and neither.
    Kind.ANNEX_1: f"{_NOTE_1}      2.资助项目包括学生入学以来的所有资助项目。",
    Kind.ANNEX_2: f"{_NOTE_1}2.资助项目包括学生入学以来的所有资助项目",
}
TICKED, EMPTY = "☑", "□"
FEWEST_DETAIL_ROWS = 2
