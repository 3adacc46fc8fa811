"""受助学生与学籍核对: the file is kept as what was compared, and the check is on the record."""

from collections import Counter

from django.db import transaction

from audit.events import record
from audit.refusal import Reason, refuse_if
from disbursement import rules
from disbursement.roll_check import Checked, Result, check
from office import files
from office.models import StoredFile
from schools import clock
from schools.models import Appointment, School, Term
from schools.roles import Role
from students.actions.rosters import MEDIA_TYPE, examined, impersonal

PURPOSE = "roll_check"
COMPARERS = (Role.OPERATOR, Role.REVIEWER)
NOBODY = Reason("这个学期还没有资助名单", "确定资助名单之后再核对")


def look_at_roll(*, school: School, term: Term, content: bytes, filename: str) -> list[Checked]:
    """What a 学籍 file says of each aided student; raises `Refused` when it is no roster."""
    return check(school, term, examined(school, content, filename, None))


@transaction.atomic
def check_roll(
    *, school: School, term: Term, content: bytes, filename: str, by: Appointment
) -> StoredFile:
    """Compare a 学籍 file with the term's aided students and keep it; no roster is touched.

    Raises `Refused` for another role, when nobody is aided, or when the file can't be read.
    """
    refuse_if(rules.why_not_here(by, school.pk, COMPARERS, "核对学籍"))
    found = look_at_roll(school=school, term=term, content=content, filename=filename)
    refuse_if([] if found else [NOBODY])
    kept = files.keep(
        organisation=school,
        name=impersonal(filename),
        content=content,
        media_type=MEDIA_TYPE,
        purpose=PURPOSE,
        created_by=by.person,
    )
    counts = Counter(one.result for one in found)
    record(
        by=by,
        verb="award.check_roll",
        label="受助学生与学籍核对",
        subject=school,
        at=clock.now(),
        organisation_id=school.pk,
        facts={
            "term": term.code,
            "sha256": kept.sha256,
            "students": len(found),
            **{str(result): counts[result] for result in Result},
        },
    )
    return kept
