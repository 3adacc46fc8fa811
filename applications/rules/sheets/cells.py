"""One cell into one fact, by the rules of the page; what can't be read is told and left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from applications.rules.sheets.columns import NO, YES, Column
from office.spreadsheets.cells import Cell, as_date, as_text, cell_name

YESES = frozenset({YES, "有", "√", "对", "1", "Y", "y", "TRUE"})
NOES = frozenset({NO, "无", "没有", "×", "0", "N", "n", "FALSE", ""})
MOST_YUAN = Decimal(10_000_000_000)


@dataclass(frozen=True, slots=True)
class SheetError:
    """What is wrong in one cell (0-based), or about a whole row when `column` is None."""

    sheet: str
    row: int
    column: int | None
    text: str
    label: str = ""
    # As read, empty where it may not be repeated.
    value: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """The name of the cell as Excel shows it, or of the row."""
        if self.column is None:
            return f"第{self.row + 1}行"
        return cell_name(self.row, self.column)


class Line:
    """One row of a table: asks for facts by column, collects what is wrong on the way."""

    def __init__(
        self,
        sheet: str,
        row: int,
        cells: Sequence[Cell],
        at: Mapping[str, int],
        columns: Mapping[str, Column],
    ) -> None:
        self.sheet, self.row = sheet, row
        self._cells, self._at, self._columns = cells, at, columns
        self.errors: list[SheetError] = []

    def raw(self, name: str) -> Cell:
        """The cell as it was stored; '' where the table has no such column."""
        at = self._at.get(name)
        return self._cells[at] if at is not None and at < len(self._cells) else ""

    def plain(self, name: str) -> str:
        """The cell as clean text, unjudged."""
        return as_text(self.raw(name))

    def told(self, *, beside: Sequence[str]) -> bool:
        """Whether the row says anything in columns other than these."""
        return any(self.plain(name) for name in self._at if name not in beside)

    def wrong(self, name: str | None, text: str) -> None:
        """Note what is wrong with a cell, or with the whole row."""
        column = self._columns[name] if name else None
        self.errors.append(
            SheetError(
                self.sheet,
                self.row,
                self._at.get(name) if name else None,
                text,
                column.label if column else "",
                "" if name is None or (column and column.secret) else self.plain(name)[:40],
            )
        )

    def text(self, name: str, *, needed: str = "") -> str:
        """Text that fits; `needed` is what is told when it is missing."""
        value = self.plain(name)
        limit = self._columns[name].limit
        if limit and len(value) > limit:
            self.wrong(name, f"最多{limit}个字，现在{len(value)}个，请缩短")
        if needed and not value:
            self.wrong(name, needed)
        return value

    def chosen(self, name: str, *, needed: str = "") -> str:
        """One of the column's choices, or ''."""
        value = self.text(name, needed=needed)
        choices = self._columns[name].choices
        if value and value not in choices:
            self.wrong(name, f"只能填{'、'.join(choices)}")
            return ""
        return value

    def yes(self, name: str) -> bool:
        """是 or 否; an empty cell is 否 as an unticked box is."""
        value = self.plain(name)
        if value not in YESES | NOES:
            self.wrong(name, f"只能填{YES}或{NO}")
        return value in YESES

    def whole(self, name: str, low: int, high: int, *, needed: str = "") -> int | None:
        """A whole number between two bounds; None for an empty cell."""
        value = self.plain(name).removesuffix("人").removesuffix("岁")
        if not value:
            if needed:
                self.wrong(name, needed)
            return None
        digits = value.isdecimal() and len(value) <= len(str(high))
        if not digits or not low <= int(value) <= high:
            self.wrong(name, f"应是{low}到{high}之间的整数")
            return None
        return int(value)

    def fen(self, name: str) -> int | None:
        """An amount in yuan with at most two decimals, in fen; None for an empty cell."""
        value = self.plain(name).replace(",", "").removesuffix("元")
        if not value:
            return None
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) > MOST_YUAN:
            self.wrong(name, "请填数字，单位是元，例如32000")
            return None
        if amount < 0:
            self.wrong(name, "不能是负数，没有收入填0")
            return None
        if amount * 100 != int(amount * 100):
            self.wrong(name, "最多两位小数")
            return None
        return int(amount * 100)

    def day(self, name: str) -> date | None:
        """A day in one of the usual forms; None for an empty cell."""
        if not self.plain(name):
            return None
        try:
            return as_date(self.raw(name))
        except ValueError as error:
            self.wrong(name, str(error).rstrip("。"))
            return None
