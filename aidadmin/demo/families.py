"""Families of the demonstration that fill in their form themselves, with the letter's code."""

import base64
import io
from itertools import pairwise

from PIL import Image, ImageDraw

from aidadmin.demo.district import DemoSchool
from applications import actions as applications
from applications.family_reading import read_form
from applications.models import Application, FamilyVisit, Round
from applications.rules.family import CHECKLIST
from applications.rules.family_facts import Hardship, Income, Signed, Who
from applications.rules.surveys import SurveyFacts
from students.models import Student

ADDRESS = "192.0.2.7"
# Of so many applicants one family writes itself, and of each school no more than these.
EVERY, MOST = 9, 6
REASON = "家庭经济困难"
# Points of a finger's line on the pad.
LINE = ((20, 90), (60, 40), (90, 110), (130, 50), (170, 100), (220, 45), (270, 95))


def send_letters(demo: DemoSchool, round_: Round) -> dict[int, str]:
    """Every class gets its code and its letter; the codes by class."""
    applications.issue_missing_codes(round_=round_, by=demo.operator)
    return applications.read_codes(round_=round_, classes=demo.classes, by=demo.operator)


def hand_in(demo: DemoSchool, student: Student, code: str, told: SurveyFacts) -> Application:
    """One family goes through the five pages; the head teacher compares and hands in."""
    visit = _visit(student, code)
    filler = told.members[0]
    relation = {"父亲": "father", "母亲": "mother"}.get(filler.relation, "guardian")
    who = Who(filler.name, relation, told.phone, told.address)
    applications.save_who(visit=visit, told=who, consents=True, mark=_mark(visit, "who"))
    for member in told.members:
        applications.save_member(visit=visit, told=member, mark=_mark(visit, "members"))
    income = Income(
        income_source=told.income_source,
        seriously_ill=told.seriously_ill,
        single_parent=told.single_parent,
    )
    applications.save_income(visit=visit, told=income, mark=_mark(visit, "income"))
    hardship = Hardship(
        weak_labour=told.weak_labour, sudden_accident=told.sudden_accident, debt=told.debt
    )
    applications.save_hardship(visit=visit, told=hardship, mark=_mark(visit, "hardship"))
    applications.sign(visit=visit, drawn=_drawn())
    signed = Signed(REASON, filler.name, brings_paper=True)
    applications.save_signed(visit=visit, told=signed, mark=_mark(visit, "papers"))
    return applications.accept(
        application=applications.hand_over(visit=visit),
        checks=frozenset(key for key, _ in CHECKLIST),
        identity_paper=Application.IdentityPaper.HUKOU,
        by=demo.teachers[student.school_class.name],
    )


def _visit(student: Student, code: str) -> FamilyVisit:
    token = applications.enter(
        code=code, name=student.name, tail=student.id_number.reveal()[-6:], address=ADDRESS
    )
    visit = applications.visit_of(token) if token else None
    if visit is None:
        raise LookupError("the letter's code does not lead to the child it was sent for")
    return visit


def _mark(visit: FamilyVisit, page: str) -> str:
    return read_form(visit).mark(page)


def _drawn() -> str:
    image = Image.new("RGB", (300, 160), "white")
    pen = ImageDraw.Draw(image)
    for start, end in pairwise(LINE):
        pen.line((start, end), fill="black", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
