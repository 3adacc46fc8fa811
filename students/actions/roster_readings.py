"""What was read of a long roster file for the preview, kept sealed for the writing (design §7).

Reading costs as much as writing. The rows are read anew whenever anything differs by which they
were read: the file, the meaning of its columns, the school's classes and headings, the day, the
program. They are compared with the roster anew in any case.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from office.bulk import uncollected
from privacy.fields import SealedField
from privacy.marks import mark_of
from privacy.sealing import Unsealable
from schools import clock
from schools.models import School
from students.models import RosterImport, RosterPart
from students.rules.roster.examination import Examination, Ground, ground_at
from students.rules.roster.parts import Unusable, parts_of, reading_of
from students.rules.roster.reading import Reading

# Fewer rows are read again sooner than they are kept.
LONG = 2_000
# Whatever reading depends on lies in these.
PROGRAM = ("office/spreadsheets", "privacy", "students/models", "students/rules")
LIBRARIES = ("python-calamine", "python-stdnum")


@uncollected()
def keep_reading(staged: RosterImport, seen: Examination) -> None:
    """Keep the rows in the caller's transaction, in place of what was kept of this file before.

    Nothing is kept of a short file, or of one that would change nothing.
    """
    today = clock.today()
    forget_reading(staged)
    forget_earlier(staged.school)
    if len(seen.reading.rows) < LONG or seen.difference.nothing:
        return
    sealed = _column().sealer(staged.school_id)
    label = _label(staged, seen.ground)
    for number, text in enumerate(parts_of(seen.reading, seen.refused)):
        RosterPart.objects.bulk_create(
            [
                RosterPart(
                    school_id=staged.school_id,
                    staged=staged,
                    number=number,
                    rows=sealed(f"{label}{number}\n{text}"),
                    kept_on=today,
                )
            ]
        )


@uncollected()
def kept_reading(staged: RosterImport) -> tuple[Ground, Reading] | None:
    """What was kept of the file, and by what it was read; None when it has to be read anew."""
    if not _parts(staged).exists():
        return None
    ground = ground_at(staged.school)
    try:
        return ground, reading_of(_texts(staged, ground), ground.classes)
    except (Unusable, Unsealable):
        return None


def forget_reading(staged: RosterImport) -> None:
    """Delete what was kept of a file: it is written, put away, or read otherwise."""
    _parts(staged).delete()


def forget_earlier(school: School) -> int:
    """Delete what the school kept on a day before, which is of no use any more; how many parts."""
    gone, _ = RosterPart.objects.for_school(school).exclude(kept_on=clock.today()).delete()
    return gone


def _parts(staged: RosterImport) -> QuerySet[RosterPart]:
    rows: QuerySet[RosterPart] = RosterPart.objects.for_school(staged.school)
    return rows.filter(staged=staged)


def _texts(staged: RosterImport, ground: Ground) -> Iterator[str]:
    opened, label = _column().opener(staged.school_id), _label(staged, ground)
    kept = _parts(staged).order_by("number").values_list("rows", flat=True)
    for number, rows in enumerate(kept.iterator(chunk_size=1)):
        before, _, text = opened(rows).partition("\n")
        if before != f"{label}{number}":
            raise Unusable
        yield text


def _label(staged: RosterImport, ground: Ground) -> str:
    """Whose rows they are and by what they were read; another's would not bear it."""
    by = [staged.file.sha256, staged.file.name, staged.columns, ground.facts(), program()]
    return f"{staged.pk} {mark_of('roster_reading', by)} "


@lru_cache(maxsize=1)
def program() -> str:
    """A digest of the program that reads: rows that an older one read are not written."""
    digest = hashlib.sha256(repr([version(name) for name in LIBRARIES]).encode())
    for folder in PROGRAM:
        for file in sorted((Path(settings.BASE_DIR) / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _column() -> SealedField:
    return RosterPart._meta.get_field("rows")
