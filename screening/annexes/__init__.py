"""附件1 and 附件2 as workbooks, cell by cell as the notice prints them (`domain.md` §B)."""

from screening.annexes.contents import Annex, Detail
from screening.annexes.gathering import for_bureau, for_school
from screening.annexes.workbook import written

__all__ = ["Annex", "Detail", "for_bureau", "for_school", "written"]
