"""Sample files of every import, and the broken ones that must be refused."""

from collections.abc import Iterator
from pathlib import Path

from aidadmin.demo import files
from aidadmin.demo.rolls import REGIONS, rolls


def write(folder: Path) -> Iterator[Path]:
    """Write all files; yields their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _contents():
        path = folder / name
        path.write_bytes(content)
        yield path


def _contents() -> Iterator[tuple[str, bytes]]:
    found = rolls()
    for key, roll in found.items():
        yield f"{key}-名册.xlsx", files.roster(roll)
        yield f"{key}-资助卡.xlsx", files.cards(roll)
    for key in REGIONS:
        for group, content in files.department_lists(found, key).items():
            yield f"{key}-{group}.xlsx", content
    yield "坏-空文件.xlsx", b""
    yield "坏-不是表格.xlsx", b"%PDF-1.7 this is no workbook"
    yield "坏-身份证号是数字.xlsx", files.float_ids(found["minban"])
    yield "坏-校验位不对.xlsx", files.wrong_digits(found["minban"])
