"""A family on its phone, in rows: the letter's code, a visit, pages filled in, handed over."""

import base64
import io

from PIL import Image

from applications import actions
from applications.actions.family_papers import DRAWN
from applications.family_reading import read_form
from applications.models import Application, FamilyVisit, Round
from applications.rules.family import CHECKLIST
from applications.rules.family_facts import Hardship, Income, Signed, Who
from applications.rules.surveys import MemberFacts
from schools.models import Appointment
from students.models import Student

FATHER = MemberFacts("张样泽", "父亲", 43, "", "务工", 3_200_000, "健康")
MOTHER = MemberFacts("刘样可", "母亲", 41, "", "务农", 800_000, "健康")
WHO = Who("张样泽", "father", "13900000000", "示范省示范县示范镇样例村1号")
INCOME = Income(None, 1, None, "务工")
SIGNED = Signed("父母务工务农，收入低", "张样泽")


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), color: str = "white") -> bytes:
    """A photograph with a camera's name in it."""
    image = Image.new("RGB", size, color)
    exif = image.getexif()
    exif[0x010F] = "SecretCam"
    out = io.BytesIO()
    image.save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return out.getvalue()


def drawn() -> str:
    """A signature as the canvas sends it."""
    return DRAWN + base64.b64encode(picture("PNG", (300, 160))).decode()


def token(round_: Round, student: Student, by: Appointment) -> str:
    """A fresh code for the class, and a phone that has named the child with it."""
    code = actions.issue_code(round_=round_, school_class=student.school_class, by=by)
    entered = actions.enter(
        code=code.code.reveal(),
        name=student.name,
        tail=student.id_number.reveal()[-6:],
        address="192.0.2.7",
    )
    assert entered is not None
    return entered


def visit(round_: Round, student: Student, by: Appointment) -> FamilyVisit:
    """A visit that has just begun."""
    found = actions.visit_of(token(round_, student, by))
    assert found is not None
    return found


def mark(visit: FamilyVisit, page: str) -> str:
    """What the page would be filled in from now."""
    return read_form(visit).mark(page)


def fill(visit: FamilyVisit) -> Application:
    """All five pages."""
    actions.save_who(visit=visit, told=WHO, consents=True, mark=mark(visit, "who"))
    for member in (FATHER, MOTHER):
        actions.save_member(visit=visit, told=member, mark=mark(visit, "members"))
    actions.save_income(visit=visit, told=INCOME, mark=mark(visit, "income"))
    actions.save_hardship(visit=visit, told=Hardship(), mark=mark(visit, "hardship"))
    actions.add_paper(visit=visit, kind="id_card", content=picture())
    actions.sign(visit=visit, drawn=drawn())
    return actions.save_signed(visit=visit, told=SIGNED, mark=mark(visit, "papers"))


def handed_over(round_: Round, student: Student, by: Appointment) -> Application:
    """A form that waits for the head teacher."""
    phone = visit(round_, student, by)
    fill(phone)
    return actions.hand_over(visit=phone)


def hand_over_drafted(application: Application, by: Appointment) -> Application:
    """The family goes on with what a colleague began, and hands it over."""
    phone = visit(application.round, application.student, by)
    actions.save_who(visit=phone, told=WHO, consents=True, mark=mark(phone, "who"))
    actions.confirm_members(visit=phone)
    actions.save_income(visit=phone, told=INCOME, mark=mark(phone, "income"))
    actions.save_hardship(visit=phone, told=Hardship(), mark=mark(phone, "hardship"))
    actions.add_paper(visit=phone, kind="commitment", content=picture())
    actions.add_paper(visit=phone, kind="hukou", content=picture())
    actions.save_signed(visit=phone, told=SIGNED, mark=mark(phone, "papers"))
    return actions.hand_over(visit=phone)


def accept(application: Application, by: Appointment) -> Application:
    """The head teacher has compared everything."""
    return actions.accept(
        application=application,
        checks=frozenset(key for key, _ in CHECKLIST),
        identity_paper="id_card",
        by=by,
    )
