"""Documents: what a person typed is printed as typed, and what can't be printed is named."""

import io
import struct
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path
from pypdf import PdfReader

from office.documents import glyphs, typeset
from office.documents.glyphs import missing_glyphs
from office.documents.typeset import MissingGlyphs, TypesetFailed, Value, pdf

MARKUP = [
    '#read("/etc/passwd")',
    "*x* _y_ = z",
    '#import "@preview/x:1.0.0"',
    "$ x^2 $",
    "]#panic()",
    '"#values',
    "\\u{41} // /* `raw` <label> @ref",
    '{"a": 1}',
]


def letter(*paragraphs: str) -> dict[str, Value]:
    return {
        "title": "资助政策告知书",
        "paragraphs": list(paragraphs),
        "organisation": "某某职业学校",
        "day": date(2026, 9, 1),
    }


def register(rows: int) -> dict[str, Value]:
    return {
        "title": "发放清册",
        "note": "2026年秋季学期",
        "headings": ["序号", "姓名", "金额"],
        "rows": [[number, "张三", "1,150.00"] for number in range(1, rows + 1)],
        "right": [2],
        "widths": [1, 3, 2],
        "signatures": ["制表", "复核"],
    }


def words(content: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return "".join(text.split())


def test_a_day_left_for_the_pen_is_not_torn_apart() -> None:
    broken = []
    for n in range(1, 40):
        note = f"{'注' * n}　班内公示3个工作日：＿＿月＿＿日至＿＿月＿＿日"
        content = pdf("list", {**register(2), "note": note, "landscape": False})
        (page,) = PdfReader(io.BytesIO(content)).pages
        lines = [line for line in page.extract_text().splitlines() if "＿" in line]
        broken += [n for line in lines if line.count("＿月") != line.count("＿日")]
    assert broken == []


def test_a_letter() -> None:
    content = pdf("letter", letter("各位家长：", "　国家助学金每生每年2300元。"))
    assert "资助政策告知书" in words(content)
    assert "2026年9月1日" in words(content)
    assert "第1页，共1页" in words(content)
    box = PdfReader(io.BytesIO(content)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_printed_literally(text: str) -> None:
    assert "".join(text.split()) in words(pdf("letter", letter(text)))
    values = register(1)
    values["rows"] = [[1, text, None]]
    assert "".join(text.split()) in words(pdf("list", values)).replace("\u00ad", "")


@settings(max_examples=60)
@given(st.text(st.sampled_from('#*_$@<>[]{}()\\/"`=~-+a1张 \n'), max_size=30))
def test_no_text_breaks_the_setting(text: str) -> None:
    assert pdf("letter", letter(text)).startswith(b"%PDF")


def test_a_long_register_repeats_its_headings_and_counts_pages() -> None:
    content = pdf("list", register(120))
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = "".join(page.extract_text().split())
        assert "序号姓名金额" in text
        assert f"第{number}页，共{len(pages)}页" in text


def test_those_who_sign_a_long_register_stand_together_and_below_it() -> None:
    names = [f"迪丽热巴·买买提江{n}" for n in range(11)]
    signed: dict[str, Value] = {"signatures": list(names), "signatures_per_line": 4}
    for rows in range(24, 34):
        values = register(rows) | signed
        pages = PdfReader(io.BytesIO(pdf("list", values))).pages
        last = "".join(pages[-1].extract_text().split())
        assert all(name in last for name in names)
        assert f"发放清册，以上共{rows}行" in last


def test_a_wide_register_lies_across() -> None:
    box = PdfReader(io.BytesIO(pdf("list", register(1) | {"landscape": True}))).pages[0].mediabox
    assert box.width > box.height


def test_the_same_input_gives_the_same_file() -> None:
    assert pdf("letter", letter("甲")) == pdf("letter", letter("甲"))
    moment = datetime(2026, 9, 1, 8, tzinfo=UTC)
    made = pdf("letter", letter("甲"), moment=moment)
    metadata = PdfReader(io.BytesIO(made)).metadata
    assert metadata is not None
    assert metadata.creation_date == moment


def test_only_the_products_fonts_are_used() -> None:
    reader = PdfReader(io.BytesIO(pdf("letter", letter("甲 abc 123"))))
    used: Any = reader.pages[0]["/Resources"]
    fonts = [font.get_object()["/BaseFont"] for font in used["/Font"].values()]
    assert fonts
    assert all("Noto" in font for font in fonts)


@pytest.mark.parametrize("name", ["", "../secret", "no_such", "letter.typ", "/etc/passwd"])
def test_only_the_products_templates(name: str) -> None:
    with pytest.raises(ValueError, match="文书模板"):
        pdf(name, {})


def test_a_template_without_its_values_fails_clearly() -> None:
    with pytest.raises(TypesetFailed, match="letter"):
        pdf("letter", {"title": "只有标题"})


def test_other_types_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="bytes"):
        pdf("letter", {"title": b"x"})  # type: ignore[dict-item]


def test_missing_characters_are_named_before_printing() -> None:
    with pytest.raises(MissingGlyphs) as caught:
        pdf("letter", letter("王\U000e0001\U0002ffff"))
    assert caught.value.characters == ["\U0002ffff"]
    assert "U+2FFFF" in str(caught.value)
    assert pdf("letter", letter("王\U0002ffff"), allow_missing=True)


def test_usual_text_lacks_nothing() -> None:
    assert missing_glyphs("张三，ABC 123 古丽·买买提 〔2026〕16号 —— □√■ ￥1,150.00\n\ufe00") == []


def test_each_missing_character_once_as_they_come() -> None:
    assert missing_glyphs("\U0002fffe张\U0002ffff\U0002fffe") == ["\U0002fffe", "\U0002ffff"]


@settings(max_examples=300)
@given(st.characters(min_codepoint=0x3400, max_codepoint=0x2FA1F, categories=["Lo"]))
def test_the_table_agrees_with_a_font_renderer(character: str) -> None:
    in_table = ord(character) in glyphs.printable()
    assert in_table == any(_draws(font, character) for font in _fonts())


def test_a_compatibility_form_prints_as_what_it_stands_for() -> None:
    assert missing_glyphs("\U0002f928") == []
    assert missing_glyphs("𠮷") == ["𠮷"]


@pytest.fixture
def rare(tmp_path: Path, settings: Any) -> Path:
    """A folder of a deployment with a font that has a glyph for 𠮷."""
    (tmp_path / "rare.otf").write_bytes(_with_rare(serif_path().read_bytes()))
    settings.RARE_FONTS = [str(tmp_path)]
    return tmp_path


def _with_rare(font: bytes) -> bytes:
    """One of ours under another name, in which a character of Extension B became 𠮷."""
    ours, other = ("Noto Serif SC".encode("utf-16-be"), "Rare Serif SC".encode("utf-16-be"))
    data = bytearray(font.replace(ours, other))
    (count,) = struct.unpack_from(">H", data, 4)
    for index in range(count):
        name, _, start, _ = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if name != b"cmap":
            continue
        (tables,) = struct.unpack_from(">H", data, start + 2)
        for n in range(tables):
            (at,) = struct.unpack_from(">I", data, start + 8 + 8 * n)
            at += start
            if struct.unpack_from(">H", data, at)[0] == 12:
                (groups,) = struct.unpack_from(">I", data, at + 12)
                places = [at + 16 + 12 * group for group in range(groups)]
                spans = [(place, *struct.unpack_from(">III", data, place)) for place in places]
                # The last one before 𠮷, so that they stay sorted.
                place, *_, glyph = [s for s in spans if 0x20000 < s[1] <= s[2] < 0x20BB7][-1]
                struct.pack_into(">III", data, place, 0x20BB7, 0x20BB7, glyph)
    return bytes(data)


def test_a_deployments_font_prints_what_the_products_lack(rare: Path) -> None:
    assert missing_glyphs("𠮷") == []
    content = pdf("letter", letter("𠮷"))
    fonts: Any = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]
    assert len(fonts["/Font"]) > 1
    assert "𠮷" in words(content)


def _fonts() -> list[ImageFont.FreeTypeFont]:
    # The basic layout draws exactly the character asked for, without any substitution.
    basic = ImageFont.Layout.BASIC
    paths = (sans_path(), serif_path())
    return [ImageFont.truetype(str(path), 20, layout_engine=basic) for path in paths]


def _draws(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether the character looks different from one that no font has."""
    return bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffe"))


def test_a_broken_font_is_named() -> None:
    with pytest.raises(ValueError, match="cmap"):
        glyphs._table(b"OTTO\x00\x00" + bytes(6), b"cmap")


def test_every_template_is_set_by_a_test() -> None:
    names = {path.stem for path in Path(typeset.TEMPLATES).glob("*.typ")}
    assert {"base", "letter", "list"} <= names
