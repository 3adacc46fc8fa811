"""Pictures of papers, and the signature drawn on the screen."""

import base64
import binascii

from django.db import transaction

from applications.actions.family_entry import family_of
from applications.actions.family_filing import opened
from applications.models import Application, Attachment, FamilyVisit
from applications.pictures import Paper, paper_from
from audit.events import Actor, record
from audit.refusal import Reason, Refused, refuse_if
from office.files import forget, keep
from office.models import StoredFile
from schools import clock
from schools.models import Person

MOST_PAPERS = 12
DRAWN = "data:image/png;base64,"
# A finger's line on a phone; more is not a signature.
MOST_DRAWN = 400_000
PURPOSE = "application_paper"


@transaction.atomic
def add_paper(*, visit: FamilyVisit, kind: str, content: bytes) -> Attachment:
    """Keep one picture or PDF of a kind with the visit's application.

    The same file sent twice is kept once. Raises `Refused` for what is neither, too large, of no
    kind or one too many.
    """
    form, application, _, _ = opened(visit)
    if kind not in Attachment.Kind.values:
        raise Refused([Reason("没有选择是什么材料", "选择后再上传")])
    made = paper_from(content)
    refuse_if(
        [Reason(f"最多上传{MOST_PAPERS}份材料", "删去重复的，再上传")]
        if len(form.papers) >= MOST_PAPERS
        else []
    )
    return attach(
        application=application,
        kind=Attachment.Kind(kind),
        paper=made,
        by=family_of(application.school_id),
        person=None,
    )


def attach(
    *,
    application: Application,
    kind: Attachment.Kind,
    paper: Paper,
    by: Actor,
    person: Person | None,
) -> Attachment:
    """Keep a paper that was looked at already, and record that it came."""
    stored = keep(
        organisation=application.school,
        name=f"{kind.label}.{paper.suffix}",
        content=paper.content,
        media_type=paper.media_type,
        purpose=PURPOSE,
        created_by=person,
    )
    there: Attachment | None = Attachment.objects.filter(
        application=application, kind=kind, file__sha256=stored.sha256
    ).first()
    if there is not None:
        forget(stored)
        return there
    added: Attachment = Attachment.objects.create(
        school_id=application.school_id,
        application=application,
        kind=kind,
        file=stored,
        added_at=clock.now(),
    )
    record(
        by=by,
        verb="attachment.add",
        label=f"上传{kind.label}",
        subject=added,
        at=added.added_at,
        about_id=application.student_id,
        facts={"number": application.number, "kind": str(kind), "sha256": stored.sha256},
    )
    return added


@transaction.atomic
def drop_paper(*, visit: FamilyVisit, paper_id: int) -> None:
    """Take a paper out again, its bytes too; one that is gone already is gone."""
    form, application, _, _ = opened(visit)
    found = next((p for p in form.papers if p.pk == paper_id), None)
    if found is None:
        return
    file, kind = found.file, found.get_kind_display()
    record(
        by=family_of(application.school_id),
        verb="attachment.drop",
        label=f"删去{kind}",
        subject=found,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number, "kind": found.kind, "sha256": file.sha256},
    )
    found.delete()
    forget(file)


@transaction.atomic
def sign(*, visit: FamilyVisit, drawn: str) -> StoredFile:
    """Keep a signature drawn on the screen (a PNG as a data URL); an older one is replaced."""
    _, application, filing, _ = opened(visit)
    made = paper_from(_drawn_bytes(drawn))
    stored = keep(
        organisation=application.school,
        name=f"承诺签名.{made.suffix}",
        content=made.content,
        media_type=made.media_type,
        purpose=PURPOSE,
        created_by=None,
    )
    older, filing.signature = filing.signature, stored
    filing.save(update_fields=["signature"])
    if older is not None:
        forget(older)
    record(
        by=family_of(application.school_id),
        verb="application.sign",
        label="在屏幕上签承诺",
        subject=application,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number, "sha256": stored.sha256},
    )
    return stored


def _drawn_bytes(drawn: str) -> bytes:
    if not drawn.startswith(DRAWN) or len(drawn) > MOST_DRAWN:
        raise Refused([Reason("签名没有收到", "请重新签名，或拍手写承诺书")])
    try:
        return base64.b64decode(drawn.removeprefix(DRAWN), validate=True)
    except binascii.Error as error:
        raise Refused([Reason("签名没有收到", "请重新签名，或拍手写承诺书")]) from error
