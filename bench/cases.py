"""The cases: what we do, what a user would pick instead, and the least the machine could do."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from bench import district, imports, matching, payees, payments, peers, sheets

# A peer that takes minutes is measured on a part and taken as growing with the rows: none grows
# more slowly than that.
DEFAULT_ROWS = int(os.environ.get("BENCH_DEFAULT_ROWS", "1000"))
TUNED_ROWS = int(os.environ.get("BENCH_TUNED_ROWS", "5000"))
QUERY_ROWS = int(os.environ.get("BENCH_QUERY_ROWS", "1000"))


@dataclass(frozen=True)
class Act:
    """Something to measure; `alone` names it for a process of its own, `scale` makes it whole."""

    name: str
    run: Callable[[], object]
    scale: float = 1.0
    alone: str = ""


@dataclass(frozen=True)
class Peer(Act):
    """What a user would pick instead, and how many times faster than it we want to be."""

    faster: float | None = None


@dataclass(frozen=True)
class Case:
    """Acts on the same rows, and how near to the limit we want to be."""

    name: str
    title: str
    ours: Act
    limit: Act
    peers: tuple[Peer, ...]
    slower: float | None = None
    # Swept before every run.
    tables: tuple[str, ...] = ()


_CASES = (
    Case(
        "import",
        f"导入名册{imports.ROWS}行×20列，读、核对、加密、比对两次、写入",
        Act("import", imports.ours, alone="imports.ours"),
        Act("calamine + COPY + INSERT … ON CONFLICT", imports.least, alone="imports.least"),
        (
            Peer(
                f"django-import-export tuned (bulk), {TUNED_ROWS} rows scaled",
                peers.tuned(TUNED_ROWS),
                imports.ROWS / TUNED_ROWS,
                faster=8,
            ),
            Peer(
                f"django-import-export default, {DEFAULT_ROWS} rows scaled",
                peers.default(DEFAULT_ROWS),
                imports.ROWS / DEFAULT_ROWS,
                faster=45,
            ),
        ),
        4,
        imports.TABLES,
    ),
    Case(
        "again",
        f"同一名册{imports.ROWS}行再导入，没有变化",
        Act("again", imports.ours_again, alone="imports.ours_again"),
        Act(
            "calamine + COPY + INSERT … ON CONFLICT",
            imports.least_again,
            alone="imports.least_again",
        ),
        (
            Peer(
                f"django-import-export default, {DEFAULT_ROWS} rows scaled",
                peers.again(DEFAULT_ROWS),
                imports.ROWS / DEFAULT_ROWS,
                faster=45,
            ),
        ),
        4,
        imports.TABLES,
    ),
    Case(
        "matching",
        f"部门名单{matching.LISTED}人×学生{matching.STUDENTS}人，从文件到标记",
        Act("match", matching.ours, alone="matching.ours"),
        Act("calamine + COPY of blind indexes + one join", matching.least, alone="matching.least"),
        (
            Peer(
                f"openpyxl + a query and a save per row, {QUERY_ROWS} rows scaled",
                matching.query_per_row(QUERY_ROWS),
                matching.LISTED / QUERY_ROWS,
                faster=60,
            ),
            Peer(
                "openpyxl + a dictionary of all students",
                matching.dictionary,
                alone="matching.dictionary",
                faster=70,
            ),
        ),
        1.3,
        matching.TABLES,
    ),
    Case(
        "freeze",
        f"冻结一个发放批次：{payees.ROWS}人逐项核对，列出明细，留下指纹",
        Act("freeze", payments.freeze, alone="payments.freeze"),
        Act("INSERT … SELECT", payments.freeze_least, alone="payments.freeze_least"),
        (
            Peer(
                f"a card looked up and a line saved each, {payments.LOOP_ROWS} rows scaled",
                payments.freeze_loop(payments.LOOP_ROWS),
                payees.ROWS / payments.LOOP_ROWS,
                faster=15,
            ),
        ),
        2,
        payments.TABLES,
    ),
    Case(
        "bankfile",
        f"银行文件（xlsx）{payees.ROWS}笔，从明细到文件",
        Act("file", payments.bank_file, alone="payments.bank_file"),
        Act("the writer alone", payments.bank_file_least, alone="payments.bank_file_least"),
        (Peer("openpyxl write_only", payments.bank_file_openpyxl, faster=10),),
        1.5,
    ),
    Case(
        "send",
        f"送银行：{payees.ROWS}人再次逐项核对，核对指纹，写文件，记账",
        Act("send", payments.send, alone="payments.send"),
        Act("SELECT + the writer", payments.send_least, alone="payments.send_least"),
        (
            Peer(
                "openpyxl write_only from the ORM, nothing checked",
                payments.send_openpyxl,
                alone="payments.send_openpyxl",
            ),
        ),
        tables=payments.TABLES,
    ),
    Case(
        "returns",
        f"登记银行回盘{payees.ROWS}笔，从文件到明细和台账",
        Act("returns", payments.settle, alone="payments.settle"),
        Act(
            "calamine + COPY + UPDATE … FROM",
            payments.settle_least,
            alone="payments.settle_least",
        ),
        (
            Peer(
                f"openpyxl + bulk_update by 500, {payments.BULK_ROWS} rows scaled",
                payments.settle_bulk(payments.BULK_ROWS),
                payees.ROWS / payments.BULK_ROWS,
                faster=25,
            ),
            Peer(
                f"openpyxl + a query and a save per row, {payments.LOOP_ROWS} rows scaled",
                payments.settle_loop(payments.LOOP_ROWS),
                payees.ROWS / payments.LOOP_ROWS,
                faster=50,
            ),
        ),
        1.5,
        payments.TABLES,
    ),
    Case(
        "district",
        f"一个区的排查汇总：{district.SCHOOLS}所学校，学生{district.STUDENTS}人",
        Act("district", district.ours, alone="district.ours"),
        Act("one SELECT on a covering index, whoever is here", district.least),
        (Peer("three counts for each school", district.school_by_school, faster=50),),
        1.3,
        district.TABLES,
    ),
    Case(
        "read",
        f"读入名册 {sheets.ROWS}行×20列",
        Act("read", sheets.read_ours),
        Act("calamine alone", sheets.read_calamine),
        (Peer("openpyxl read_only", sheets.read_openpyxl),),
    ),
    Case(
        "write",
        f"写出名单 {sheets.ROWS}行×15列",
        Act("write", sheets.write_ours),
        Act("csv", sheets.write_csv),
        (Peer("openpyxl write_only", sheets.write_openpyxl),),
    ),
)
CASES = {case.name: case for case in _CASES}
