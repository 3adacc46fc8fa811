"""Synthetic roster files for the tests."""

from collections.abc import Sequence
from datetime import date

from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from privacy.identity import make_id

HEADERS = ("姓名", "身份证件号码", "性别", "年级", "班级", "学籍号", "户口性质", "就读方式",
           "入学年月", "联系电话", "现住址", "监护人姓名", "监护人关系", "监护人电话")  # fmt: skip
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = "示例样远宁清予明文川"


def number(n: int, *, female: bool = False) -> str:
    """The n-th made-up identity of a sixteen-year-old."""
    day = date(2010, n // 28 % 12 + 1, n % 28 + 1)
    return make_id(f"9902{n // 20_000 % 90 + 10:02d}", day, n // 336 * 2 % 998 + 1 - female)


def name(n: int) -> str:
    """A name that is plainly made up."""
    a, b = divmod(n, len(SURNAMES))
    return SURNAMES[b] + GIVEN[a % 10] + GIVEN[a // 10 % 10]


def row(n: int, **changed: Cell) -> list[Cell]:
    """The n-th student of a file; `changed` replaces cells by heading."""
    identity = str(changed.get("身份证件号码", number(n)))
    cells: dict[str, Cell] = {
        "姓名": name(n),
        "身份证件号码": identity,
        "性别": "男",
        "年级": "高一",
        "班级": f"{n // 50 % 20 + 1}班",
        "学籍号": f"G{identity}",
        "户口性质": "农村" if n % 2 else "城镇",
        "就读方式": "住校" if n % 3 else "走读",
        "入学年月": "202609",
        "联系电话": "",
        "现住址": f"示范区示范镇{n + 1}号",
        "监护人姓名": f"{name(n)[0]}样泽",
        "监护人关系": "父亲",
        "监护人电话": f"139{n:08d}",
    }
    cells |= changed
    return [cells[h] for h in HEADERS]


def workbook(
    rows: Sequence[Sequence[Cell]], headers: Sequence[str] = HEADERS, sheet_name: str = "名册"
) -> bytes:
    """An .xlsx with these rows."""
    return write_rows(None, headers, rows, sheet_name=sheet_name, text_columns=())


def roster(n: int) -> bytes:
    """An .xlsx of the first `n` students."""
    return workbook([row(i) for i in range(n)])
