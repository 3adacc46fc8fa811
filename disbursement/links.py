"""Where each reason is mended: the page that a hold's link opens."""

from django.urls import NoReverseMatch, reverse

from disbursement.models import AidCard
from disbursement.rules import Check

CARD_WORDS = {
    "没有资助卡": "登记资助卡",
    "资助卡没有激活": "登记激活",
    "资助卡没有经第二人核对": "去核对",
}


def of_hold(check: str, text: str, *, student_id: int, card: AidCard | None) -> tuple[str, str]:
    """The words and the address of the link beside one hold; both empty when there is none."""
    if check == Check.CARD:
        if card is None:
            return "登记资助卡", reverse("disbursement:card_new", args=[student_id])
        words = CARD_WORDS.get(text, "更正卡信息")
        return words, reverse("disbursement:card", args=[card.pk])
    if check == Check.FUND:
        return "登记资金", reverse("disbursement:ledger")
    words, name = OTHERS.get(check, ("", ""))
    return _if_there(words, name, student_id)


OTHERS: dict[str, tuple[str, str]] = {
    Check.APPLICATION: ("查看学生", "students:student"),
    Check.MEANT: ("查看学生", "students:student"),
    Check.RECOGNITION: ("查看学生", "students:student"),
    Check.NOTICE: ("查看学生", "students:student"),
    Check.PRESENT: ("查看异动", "students:student"),
    Check.UNIQUE: ("查看学生", "students:student"),
    Check.EXCLUSIVE: ("查看学生", "students:student"),
}


def student(student_id: int) -> str:
    """The student's page; empty where there is none."""
    return _if_there("", "students:student", student_id)[1]


def _if_there(words: str, name: str, key: int) -> tuple[str, str]:
    try:
        return (words, reverse(name, args=[key])) if name else ("", "")
    except NoReverseMatch:
        return "", ""
