"""《家庭经济困难学生认定申请表》 as a Word file, for schools that adapt its wording."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from applications.models import Round
from schools.models import School

SONG, HEI = "宋体", "黑体"
PROMISE = "本人承诺以上所填写资料真实，如有虚假，愿承担相应责任。"
SIGNING = (
    f"承诺内容（本人手工填写“{PROMISE}”）：{{promise}}"
    "\n同意学校为资助认定处理以上个人信息；不满14周岁的，由父母或其他监护人签字同意。"
)
BY_PEN, ON_THE_PHONE = "\n\n", f"\n{PROMISE}（在手机上阅读后签字）"
# What `table_of` puts a picture in the place of.
PICTURE = "\ufffc"
MEMBER_HEADS = (
    "姓名",
    "年龄",
    "与学生关系",
    "工作（学习）单位",
    "职业",
    "年收入（元）",
    "健康状况",
)
GRADES = "□特别困难　□困难　□一般困难　□不困难"
VERDICT = "□同意　□不同意，调整为：　　　　理由："
OPINIONS = (
    ("班级评议", "建议等级：", "评议小组组长签字"),
    ("年级（专业）", "□同意评议意见　□不同意，调整为：　　　　理由：", "负责人签字"),
    (
        "学校",
        "经学校资助工作领导小组评审并公示，",
        "负责人签字（加盖公章）",
    ),
)
DAY = "年　　月　　日"
# Centimetres of the page between its margins: 17.4. The middle pair holds an identity number.
PAIRS = (2.3, 2.7, 2.2, 4.1, 2.1, 4.0)
MEMBERS = (2.4, 1.4, 2.2, 4.4, 2.4, 2.6, 2.0)
FEW_MEMBERS = (3.4, 1.8, 3.0, 9.2)
FACTS = (5.2, 12.2)
OPINED = (3.0, 14.4)
# Room for a line by pen, and for an opinion with a signature.
LINE, ROOM = 0.62, 1.6
# How high a drawn signature stands.
SIGNATURE = 1.0
ROWS = (
    (("姓名", "name"), ("性别", "sex"), ("出生年月", "birth")),
    (("籍贯", "native_place"), ("身份证号码", "id_number"), ("家庭人口", "family_size")),
    (("手机号码", "own_phone"), ("民族", "ethnicity"), ("户口性质", "household")),
    (("在读人数", "students_in_family"), ("邮政编码", "postcode"), ("家长手机", "phone")),
    (("详细地址", "address"),),
)
INCOMES = ((("人均年收入", "per_head"), ("家庭年收入", "income"), ("收入来源", "source")),)


def recognition_form(school: School, round_: Round, form: Any) -> bytes:
    """One form, as `paper_forms.blank_form` or `filled_form` gives it."""
    return recognition_forms(school, round_, [form])


def recognition_forms(school: School, round_: Round, forms: Sequence[Any]) -> bytes:
    """Several forms in one file, each beginning on a page of its own."""
    document: Any = Document()
    set_page(document)
    for n, form in enumerate(forms):
        if n:
            document.add_page_break()
        _form(document, school, round_, form)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _form(document: Any, school: School, round_: Round, form: Any) -> None:
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run(head, "家庭经济困难学生认定申请表", HEI, 16)
    line = document.add_paragraph()
    year = round_.term.year_label
    major = f"专业：{form['major']}　" if form["major"] else ""
    whose = f"{major}班级：{form['school_class']}　{year}　编号：{form['number']}"
    run(line, f"学校：{school.name}　{whose}")
    pairs(document, form, ROWS)
    table_of(document, [MEMBER_HEADS, *form["members"]], MEMBERS, heads=True)
    groups = "　".join(
        f"{g['name']} {'□☑'[g['ticked']]}是 {'□☑'[g['denied']]}否" for g in form["groups"]
    )
    table_of(document, [("特殊群体类型", groups)], FACTS)
    per_head, income, source = (told for _, told in form["incomes"])
    pairs(document, {"per_head": per_head, "income": income, "source": source}, INCOMES)
    table_of(document, [*form["facts"], ("申请理由", form["reason"])], FACTS)
    signed_on = form["signed_on"]
    on = signed_on if isinstance(signed_on, str) else f"{signed_on:%Y年%-m月%-d日}"
    drawn = bytes(form["signature"])
    signed = f"{PICTURE if drawn else ''}{form['signed'] or '　' * 10}"
    promise = SIGNING.format(promise=ON_THE_PHONE if drawn else BY_PEN)
    signature = f"{promise}\n学生本人（或监护人）签字：{signed}　　{on}"
    verdict = f"{form['verdict']}。{form['posted']}。" if form["posted"] else VERDICT
    grades = {
        "班级评议": form["panel"] or GRADES,
        "学校": f"{verdict}\n认定等级：{form['grade'] or GRADES}",
    }
    opinions = [
        (who, f"{what}{grades.get(who, '')}\n{signs}：{'　' * 12}{DAY}")
        for who, what, signs in OPINIONS
    ]
    rows = [("个人承诺", signature), *opinions]
    table_of(document, rows, OPINED, height=ROOM, together=True, picture=drawn)


def set_page(document: Any) -> None:
    """A4 with narrow margins."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.5)
    # Word's own properties would say which program made it and when; a form says neither.
    document.core_properties.author = ""
    document.core_properties.comments = ""


def run(paragraph: Any, text: str, font: str = SONG, size: float = 10) -> None:
    """More text in a paragraph, Chinese characters in the same font."""
    words = paragraph.add_run(text)
    words.font.size, words.font.name = Pt(size), font
    words._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _cell(cell: Any, text: str, font: str = SONG, picture: bytes = b"") -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    before, place, after = text.partition(PICTURE) if picture else (text, "", "")
    run(paragraph, before, font)
    if place:
        paragraph.add_run().add_picture(io.BytesIO(picture), height=Cm(SIGNATURE))
        run(paragraph, after, font)


def _table(document: Any, rows: int, widths: Sequence[float], height: float) -> Any:
    """An empty table; some programs read a column's width from the grid, others from its cells."""
    table = document.add_table(rows=rows, cols=len(widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        row.height, row.height_rule = Cm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
        # An opinion is not parted from its signature.
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
    return table


def pairs(document: Any, form: Any, labels: Any) -> None:
    """A table of labels with the form's values beside them, up to three to a row."""
    table = _table(document, len(labels), PAIRS, LINE)
    for row, named in zip(table.rows, labels, strict=True):
        for n, (label, key) in enumerate(named):
            _cell(row.cells[2 * n], label, HEI)
            last = row.cells[5] if n == len(named) - 1 else row.cells[2 * n + 1]
            value = row.cells[2 * n + 1]
            _cell(value.merge(last) if last is not value else value, str(form[key]) if key else "")


def table_of(
    document: Any,
    rows: Any,
    widths: Sequence[float],
    *,
    heads: bool = False,
    height: float = LINE,
    together: bool = False,
    picture: bytes = b"",
) -> None:
    """A table with columns of so many centimetres; `heads`: the first row is a heading.

    Without a heading the first column holds the labels. `together`: all of it on one page.
    `picture` stands where a text has `PICTURE`.
    """
    table = _table(document, len(rows), widths, height)
    for n, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        for m, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.paragraphs[0].paragraph_format.keep_with_next = together and n < len(rows) - 1
            font = HEI if (heads and n == 0) or (not heads and m == 0) else SONG
            _cell(cell, str(text), font, picture)
