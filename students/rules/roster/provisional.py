"""Children enrolled for the time being, whose document a file tells: corrected, not added again."""

from collections.abc import Iterable, Sequence

from privacy.masks import mask_id
from students.models import Student
from students.rules.roster.known import PLAIN, SEALED, Known, Opener
from students.rules.roster.rows import Row

NONE = Student.IdKind.NONE
BIRTH, KIND = PLAIN.index("birth_date"), PLAIN.index("id_kind")
ENROLMENT = SEALED.index("enrolment_no")


def ask_first(added: Iterable[Row], missing: Sequence[Known], opener: Opener) -> list[Known]:
    """Refuse new rows that are likely a child on the roster without a document; the others missing.

    Whoever stands in the file himself is somebody else, and is not among `missing`.
    """
    waiting = {(k.name_key, k.plain[BIRTH]): k for k in missing if k.plain[KIND] == NONE}
    asked = set()
    for row in added if waiting else ():
        known = waiting.get((row.facts.name_key or "", row.facts.birth_date))
        if known is None or row.facts.id_kind == NONE:
            continue
        asked.add(known.id)
        number = mask_id(opener(known.sealed[ENROLMENT]))
        row.wrong(
            "id_number",
            f"本校已有同名同出生日期、没有证件的学生（学籍号{number}）。如是同一人，请先在这名学生的"
            "页面“更正证件”；如是另一人，请把两人都列在文件里。",
        )
    return [known for known in missing if known.id not in asked]
