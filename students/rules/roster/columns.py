"""The columns of a roster: what headings mean them, how they are called, what of them is shown."""

from collections.abc import Callable, Mapping

from privacy.masks import mask_address, mask_id, mask_phone

# Headings as the national enrolment form and schools' own lists write them (`domain.md` §C.8).
KNOWN: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "学生姓名", "学生名字", "名字"),
    "id_number": (
        "身份证件号码", "身份证件号", "身份证号", "身份证号码", "身份证", "证件号码", "证件号",
        "公民身份号码", "学生身份证号", "学生身份证号码", "学生身份证件号",
    ),
    "id_kind": ("身份证件类型", "证件类型", "身份证类型", "证件种类", "学生证件类型"),
    "sex": ("性别", "学生性别", "性别码"),
    "birth_date": ("出生日期", "出生年月日", "出生年月", "生日"),
    "ethnicity": ("民族", "民族码"),
    "enrolment_no": ("学籍号", "全国学籍号", "学籍编号", "学籍号码", "国网学籍号", "全国学籍号码"),
    "student_no": ("学号", "校内学号", "学籍辅号", "班内学号"),
    "grade": ("年级", "所在年级", "年级名称", "入学级别"),
    "class_name": ("班级", "班级名称", "所在班级", "班", "行政班", "班别", "班级号"),
    "household": ("户口性质", "户籍性质", "户口类型", "户籍类型", "户口类别"),
    "boarding": (
        "就读方式", "就读形式", "是否寄宿", "是否寄宿生", "是否住校", "是否住宿", "住宿情况",
        "住宿", "寄宿情况", "走读/住宿", "住宿/走读", "走读/住校", "住校/走读", "走读或住校",
        "走读住宿",
    ),
    "entered_on": ("入学年月", "入学日期", "入学时间", "入校时间", "入校日期"),
    "phone": ("联系电话", "学生电话", "本人电话", "手机", "手机号", "手机号码", "电话"),
    "address": (
        "现住址", "家庭住址", "家庭地址", "住址", "地址", "居住地址", "现家庭住址", "家庭现地址",
        "家庭现住址", "家庭详细地址", "现地址", "现居住地址", "现居住地", "家庭居住地址",
    ),
    "guardian_name": (
        "监护人姓名", "家长姓名", "监护人", "监护人1", "监护人1姓名", "成员1姓名",
        "成员或监护人1姓名", "家庭成员1姓名", "家长",
        "监护人一", "监护人一姓名", "家长1", "家长1姓名", "家长一姓名", "家庭成员一姓名",
        "第一监护人", "第一监护人姓名",
    ),
    "guardian_relation": (
        "监护人关系", "与学生关系", "关系", "监护人1关系", "成员1关系", "成员或监护人1关系",
        "与监护人关系", "与本人关系",
        "监护人一关系", "家长1关系", "家长一关系", "家庭成员1关系", "家庭成员一关系",
        "第一监护人关系",
    ),
    "guardian_phone": (
        "监护人电话", "监护人联系电话", "家长电话", "家长联系电话", "监护人手机", "监护人1电话",
        "监护人1联系电话", "成员1联系电话", "成员或监护人1联系电话", "家长手机", "家长手机号码",
        "监护人一电话", "监护人一联系电话", "监护人1手机", "家长1电话", "家长1联系电话",
        "家长一电话", "家长一联系电话", "家庭成员1电话", "家庭成员1联系电话", "家庭成员一电话",
        "家庭成员一联系电话", "第一监护人电话", "第一监护人联系电话",
    ),
    "guardian_id_number": (
        "监护人身份证号", "监护人身份证件号", "监护人身份证件号码", "监护人身份证号码",
        "监护人证件号码", "监护人1身份证号", "监护人1身份证件号", "监护人1身份证件号码",
        "监护人1证件号码", "成员1身份证件号", "成员1身份证件号码", "成员或监护人1身份证件号",
        "成员或监护人1身份证件号码", "家长身份证号", "家长身份证号码",
        "监护人一身份证号", "监护人一身份证号码", "家长1身份证号", "家长一身份证号",
        "家庭成员1身份证号", "家庭成员一身份证号", "第一监护人身份证号",
    ),
    "second_name": (
        "监护人2", "监护人2姓名", "第二监护人", "第二监护人姓名", "成员2姓名",
        "成员或监护人2姓名", "家庭成员2姓名", "监护人二", "监护人二姓名", "家长2", "家长2姓名",
        "家长二姓名", "家庭成员二姓名",
    ),
    "second_relation": (
        "监护人2关系", "第二监护人关系", "成员2关系", "成员或监护人2关系",
        "监护人二关系", "家长2关系", "家长二关系", "家庭成员2关系", "家庭成员二关系",
    ),
    "second_phone": (
        "监护人2电话", "监护人2联系电话", "第二监护人电话", "第二监护人联系电话",
        "成员2联系电话", "成员或监护人2联系电话", "监护人二电话", "监护人二联系电话",
        "监护人2手机", "家长2电话", "家长2联系电话", "家长二电话", "家长二联系电话",
        "家庭成员2电话", "家庭成员2联系电话", "家庭成员二电话", "家庭成员二联系电话",
    ),
    "second_id_number": (
        "监护人2身份证号", "监护人2身份证件号", "监护人2身份证件号码", "监护人2证件号码",
        "第二监护人身份证号", "第二监护人身份证件号码", "成员2身份证件号", "成员2身份证件号码",
        "成员或监护人2身份证件号", "成员或监护人2身份证件号码", "监护人二身份证号",
        "监护人二身份证号码", "家长2身份证号", "家长二身份证号", "家庭成员2身份证号",
        "家庭成员二身份证号",
    ),
    "major": ("专业", "专业名称", "所学专业", "专业简称"),
    "department": ("系部", "专业部", "院系", "系"),
    "agri_major": ("涉农专业", "是否涉农", "是否涉农专业", "涉农"),
    "campus": (
        "校区", "教学点", "所在校区", "校区教学点", "校区名称", "教学点名称",
        "校外教学点", "校外教学点名称",
    ),
    "left_behind": (
        "留守儿童", "是否留守儿童", "是否留守", "留守情况", "留守", "是否为留守儿童",
        "是否农村留守儿童", "农村留守儿童",
    ),
    "migrant": (
        "随迁子女", "是否随迁子女", "是否进城务工人员随迁子女", "进城务工人员随迁子女", "随迁",
        "是否随迁", "是否为进城务工人员随迁子女", "进城务工随迁子女",
    ),
    "disability": ("残疾类型", "残疾人类型", "残疾类别", "残疾情况"),
    "native_place": (
        "籍贯", "祖籍", "籍贯所在地", "籍贯地", "籍贯地行政区划码", "籍贯地行政区划代码",
        "籍贯行政区划码", "籍贯行政区划代码",
    ),
    "political_status": ("政治面貌", "政治面貌码", "政治面目"),
    "household_address": (
        "户口所在地", "户籍所在地", "户籍地址", "户口地址", "户籍地", "户籍住址",
        "户口所在地详细地址", "户口所在地址", "户籍所在地址", "户籍所在地详细地址",
        "户口所在地区县以下详细地址", "户籍所在地区县以下详细地址", "户口所在详细地址",
    ),
    "postcode": ("邮政编码", "邮编", "家庭邮编", "家庭邮政编码", "通信地址邮编", "邮政编号"),
    "lifted_year": ("脱贫年份", "脱贫年度", "脱贫时间", "脱贫日期", "脱贫年"),
}  # fmt: skip

# A heading that gives way to any other of the same column: 班内学号 counts inside one class.
GIVES_WAY: Mapping[str, str] = {"student_no": "班内学号"}
# Of the national enrolment forms (K-12 and 中职), known and of no use to aid: 44, 45 and who was
# registered as poor is what this product knows better from its own rounds and lists.
UNSTORED: frozenset[str] = frozenset({
    "学校标识码", "姓名拼音", "曾用名", "出生地", "出生地行政区划代码", "国籍", "国籍地区",
    "国籍/地区", "港澳台侨外", "健康状况", "血型", "信仰宗教", "身份证件有效期", "特长",
    "户口所在地行政区划代码", "班号", "入学方式", "学生来源", "通信地址",
    "电子信箱", "主页地址", "是否独生子女", "独生子女", "是否受过学前教育", "学前教育", "是否孤儿",
    "孤儿", "是否烈士或优抚子女", "烈士或优抚子女", "随班就读", "是否由政府购买学位",
    "政府购买学位", "是否需要申请资助", "需要申请资助", "是否享受一补", "享受一补", "上下学距离",
    "上下学交通方式", "上下学方式", "是否需要乘坐校车", "照片", "序号", "备注", "是否乘坐校车",
    "学籍接续标识", "户口所在地行政区划", "户口所在地行政区划码", "出生地行政区划码",
    "生源地", "生源地行政区划码", "生源地行政区划代码", "所属派出所", "学生居住地类型",
    "学生类别", "学习形式", "婚姻状况", "乘火车区间", "学制", "招生对象", "招生方式",
    "联招合作类型", "联招合作办学形式", "联招合作学校代码", "分段培养方式", "准考证号", "考生号",
    "考试总分", "英文姓名", "电子信箱/其他联系方式", "家庭电话", "毕业学校", "专业方向",
    "是否建档立卡贫困户", "建档立卡贫困户",
    *(
        f"{who}{n}{what}"
        for who in ("成员", "成员或监护人")
        for n in (1, 2)
        for what in (
            "身份证件类型", "民族", "工作单位", "现住址", "户口所在地", "职务", "是否监护人",
            "关系说明", "户口所在地行政区划", "户口所在地行政区划代码", "出生年月", "政治面貌",
            "健康状况", "工作或学习单位",
        )
    ),
})  # fmt: skip

LABELS: Mapping[str, str] = {
    "name": "姓名",
    "id_number": "身份证号",
    "id_kind": "证件类型",
    "sex": "性别",
    "birth_date": "出生日期",
    "ethnicity": "民族",
    "enrolment_no": "学籍号",
    "student_no": "学号",
    "grade": "年级",
    "class_name": "班级",
    "household": "户口性质",
    "boarding": "就读方式",
    "entered_on": "入学年月",
    "phone": "联系电话",
    "address": "现住址",
    "guardian_name": "监护人姓名",
    "guardian_relation": "监护人关系",
    "guardian_phone": "监护人电话",
    "guardian_id_number": "监护人身份证号",
    "second_name": "第二监护人姓名",
    "second_relation": "第二监护人关系",
    "second_phone": "第二监护人电话",
    "second_id_number": "第二监护人身份证号",
    "major": "专业",
    "department": "系部",
    "agri_major": "涉农专业",
    "campus": "校区（教学点）",
    "left_behind": "留守儿童",
    "migrant": "随迁子女",
    "disability": "残疾类型",
    "native_place": "籍贯",
    "political_status": "政治面貌",
    "household_address": "户口所在地",
    "postcode": "邮政编码",
    "lifted_year": "脱贫年份",
}
# The pseudo-column of headings that an officer wants left out.
LEFT_OUT = "left_out"
REQUIRED = ("name", "id_number", "class_name")
# The guardians of whom a row tells, by what their columns begin with.
SLOTS = ("guardian", "second")
# How a sealed column's value may be shown and stored in a list of errors.
MASKED: Mapping[str, Callable[[str], str]] = {
    "id_number": mask_id,
    "enrolment_no": mask_id,
    "phone": mask_phone,
    "guardian_phone": mask_phone,
    "guardian_id_number": mask_id,
    "second_phone": mask_phone,
    "second_id_number": mask_id,
    "address": mask_address,
    "household_address": mask_address,
    "disability": lambda value: "＊＊＊" if value else "",
}
# Longest clear text of the columns that have a width in the database.
LONGEST: Mapping[str, int] = {
    "name": 64,
    "ethnicity": 16,
    "enrolment_no": 24,
    "student_no": 24,
    "class_name": 32,
    "address": 200,
    "guardian_name": 64,
    "guardian_relation": 16,
    "second_name": 64,
    "second_relation": 16,
    "major": 48,
    "department": 32,
    "campus": 48,
    "disability": 32,
    "native_place": 48,
    "household_address": 200,
}


def shown(field: str, value: str) -> str:
    """A cell's text as errors and examples may show it."""
    mask = MASKED.get(field)
    return mask(value) if mask else value[:40]
