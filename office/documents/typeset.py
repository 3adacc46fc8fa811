"""PDF files from the product's own Typst templates and a case's values (design §7).

Values travel as one JSON input, never as part of the source, so that what a person typed can't
become markup. Templates see neither the network nor a file outside their folder.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

import typst
from django.conf import settings
from pylopdf_fonts_zh_cn import sans_path, serif_path

from office.documents.glyphs import missing_glyphs

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE_NAME = re.compile(r"[a-z][a-z0-9_]*")

Value = str | int | float | bool | date | None | Mapping[str, "Value"] | list["Value"]


class MissingGlyphs(Exception):
    """Characters that no font of the product can print, with where they would leave a gap."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = characters
        named = "、".join(f"{character}（U+{ord(character):04X}）" for character in characters)
        super().__init__(f"字体缺少这些字：{named}。请核对是否写错；无误则打印后手工补写。")


class TypesetFailed(Exception):
    """The template couldn't be set; the cause is a fault of the template, not of the values."""


def pdf(
    template: str,
    values: Mapping[str, Value],
    *,
    moment: datetime | None = None,
    allow_missing: bool = False,
) -> bytes:
    """Set `templates/<template>.typ` with `values`; the same input gives the same bytes.

    Dates are written 2026年9月1日. `moment` (aware) is the creation time in the file, otherwise a
    fixed one. Raises MissingGlyphs unless `allow_missing`, TypesetFailed, ValueError for a
    template that doesn't exist.
    """
    missing = [] if allow_missing else missing_glyphs("".join(_texts(values)))
    if missing:
        raise MissingGlyphs(missing)
    try:
        made = typst.compile(
            str(_path(template)),
            root=str(TEMPLATES),
            font_paths=_fonts(tuple(settings.RARE_FONTS)),
            format="pdf",
            sys_inputs={"values": json.dumps(values, ensure_ascii=False, default=_written)},
            timestamp=int(moment.timestamp()) if moment else 0,
        )
    except typst.TypstError as error:
        raise TypesetFailed(f"文书模板“{template}”排版失败，请联系管理员。") from error
    return bytes(made)


def _path(template: str) -> Path:
    path = TEMPLATES / f"{template}.typ"
    if not TEMPLATE_NAME.fullmatch(template) or not path.is_file():
        raise ValueError(f"没有名为“{template}”的文书模板。")
    return path


@cache
def _fonts(rare: tuple[str, ...]) -> typst.Fonts:
    # What the product's fonts lack is looked for in the others.
    folders = sorted({str(path().parent) for path in (sans_path, serif_path)})
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders, *rare]
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _written(value: object) -> str:
    """A date as it stands on paper; other types are a mistake of the caller."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    raise TypeError(f"文书中不能放入 {type(value).__name__}。")
