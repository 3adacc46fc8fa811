"""The papers that recognition and the nation's programmes ask for."""

from dataclasses import dataclass

from applications.models import Attachment, PaperRule


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper that recognition, or the programme of this code, asks for."""

    code: str
    label: str
    kinds: tuple[str, ...]
    when: str
    groups: tuple[str, ...] = ()
    listed_exempt: bool = True
    programme: str = ""


Kind, When = Attachment.Kind, PaperRule.When
# The guiding opinion of 2018 and the rule of 2019 that no stamp of other offices is asked for:
# what departments' lists show needs no paper, and what is only told is asked about, not refused.
PAPERS_BASIS = "《关于做好家庭经济困难学生认定工作的指导意见》（教财〔2018〕16号）"
PAPERS = (
    Asked(
        "allowance",
        "低保、特困等证件",
        (Kind.ALLOWANCE,),
        When.CLAIMED,
        ("dibao", "dibao_margin", "destitute", "rigid_expense", "other_low_income"),
    ),
    Asked(
        "disability", "残疾证", (Kind.DISABILITY,), When.CLAIMED, ("disabled", "disabled_parent")
    ),
    Asked("medical", "病历或诊断证明", (Kind.MEDICAL,), When.ILL, listed_exempt=False),
    Asked("disaster", "灾害或事故证明", (Kind.DISASTER, Kind.OTHER), When.BEFALLEN),
    Asked(
        "merit",
        "成绩或获奖证明",
        (Kind.OTHER,),
        When.ALWAYS,
        listed_exempt=False,
        programme="vocational_scholarship",
    ),
)
