"""What each of the family's pages tells, as plain facts; amounts in fen a year."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Who:
    """Who fills in and how to reach the family; phone and address None leave what was kept."""

    name: str = ""
    relation: str = ""
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Income:
    """Income and burdens; size and income None follow from the members."""

    family_size: int | None = None
    students_in_family: int = 1
    annual_income_fen: int | None = None
    income_source: str = ""
    seriously_ill: bool = False
    single_parent: bool = False


@dataclass(frozen=True, slots=True)
class Hardship:
    """What befell the family, and the special groups (codes) it says it belongs to."""

    claims: tuple[str, ...] = ()
    natural_disaster: str = ""
    sudden_accident: str = ""
    weak_labour: str = ""
    unemployment: str = ""
    debt: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """The reason and the commitment; the pictures are kept apart."""

    reason: str = ""
    committed_by: str = ""
    brings_paper: bool = False
