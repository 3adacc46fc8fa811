"""Judgments of the class panel's blind vote by phone. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from audit.refusal import Reason
from review.models import Appraisal, Ballot, BallotCase, BallotRecusal, BallotSlip, Choice

# Of one or two slips everybody present would know whose they are.
FEWEST = 3
CHOICES = tuple(str(choice) for choice in Choice)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the head teacher opens voting with: who is here, and how many cases wait for votes."""

    here: Collection[str]
    cases: int
    # Members who apply themselves: they may have been among those present before.
    applying: int = 0


def why_not_open(
    appraisal: Appraisal, wanted: Wanted, voters: Collection[str], *, tallied: bool
) -> list[Reason]:
    """A formed panel, enough members present, and something to vote on."""
    found = []
    n = len(wanted.here)
    if appraisal.status != Appraisal.Status.OPEN:
        found.append(Reason("本班评议已提交", "请先重新打开评议"))
    if not voters:
        found.append(Reason("还没有组成评议小组", "请先组成评议小组"))
    elif set(wanted.here) - set(voters):
        found.append(Reason("勾选的人里有的不是评议小组成员", "请刷新页面，从名单里勾选"))
    if n < FEWEST:
        found.append(Reason(f"到会{n}人，不足{FEWEST}人，投票无法不记名", "请改为逐人登记票数"))
    if n > appraisal.expected:
        found.append(Reason(f"勾选{n}人，应到{appraisal.expected}人", "请核对应到人数"))
    if tallied and not n <= appraisal.present <= n + wanted.applying:
        text = f"勾选{n}人，已按实到{appraisal.present}人登记过表决"
        less = f"，不再参加评议的{wanted.applying}人除外" if wanted.applying else ""
        found.append(Reason(text, f"请勾选到会的{appraisal.present}人{less}"))
    if not wanted.cases:
        found.append(Reason("没有待表决的申请", "已有票数的，请先作废原来的表决"))
    return found


def why_over(ballot: Ballot) -> list[Reason]:
    """Nothing more is handed out, said or voted once a ballot is counted or cancelled."""
    if ballot.status == Ballot.Status.OPEN:
        return []
    if ballot.status == Ballot.Status.COUNTED:
        return [Reason("已经收票，投票结束了", "有疑问请当场向班主任提出")]
    return [Reason("这次投票已经作废", "请等班主任重新发票")]


def why_voted(slip: BallotSlip) -> list[Reason]:
    """A slip votes once."""
    return [Reason("这张票已经投过", "每人投一次，投出后不能改")] if slip.voted else []


def why_not_aside(
    slip: BallotSlip, reason: str, aside: Collection[int], slips: Collection[int]
) -> list[Reason]:
    """Whom the head teacher sets aside has not voted, and enough others vote on the case.

    `aside` are the slips that already stay away from the case, `slips` all of them.
    """
    found = why_voted(slip)
    if not reason.strip():
        found.append(Reason("回避没有写原因", "例如：申请学生的表哥"))
    if slip.pk in aside:
        found.append(Reason("这一件的回避已经登记", "请刷新页面"))
    elif (n := len(set(slips) - set(aside) - {slip.pk})) < FEWEST:
        text = f"回避后这一件只有{n}人表决，不足{FEWEST}人，看得出各人的票"
        found.append(Reason(text, "请作废这次投票，改为逐人登记票数"))
    return found


def why_not_back(recused: bool, said: str) -> list[Reason]:
    """A recusal recorded by mistake is taken back in the member's own words."""
    if not recused:
        return [Reason("没有登记这一件的回避", "请刷新页面")]
    return [] if said.strip() else [Reason("没有写本人的说明", "例如：看错了编号，不是亲属")]


def why_chairs(recusal: BallotRecusal | None) -> list[Reason]:
    """Whom the chair set aside does not set himself back."""
    if recusal is None or not recusal.by_chair:
        return []
    return [Reason("这一件的回避是班主任登记的", "登记错了的，请班主任当场撤回")]


def why_own_word(recusal: BallotRecusal | None) -> list[Reason]:
    """The chair takes back what the chair recorded; what a member said is the member's."""
    if recusal is None or recusal.by_chair:
        return []
    return [Reason("这一件的回避由本人撤回", "请本人在自己手机上撤回并补投")]


def why_not_complete(
    cases: Collection[int], choices: Mapping[int, str], recused: Mapping[int, str]
) -> list[Reason]:
    """Every case has one choice or one recusal; `cases` are those that this slip votes on."""
    found = []
    said = set(choices) | set(recused)
    if left := set(cases) - said:
        found.append(Reason(f"还有{len(left)}件没有选择", "逐件选择；没有意见的选弃权"))
    if said - set(cases) or set(choices) & set(recused) or set(choices.values()) - set(CHOICES):
        found.append(Reason("选择和名单对不上", "请刷新页面，重新选择"))
    if any(not why.strip() for why in recused.values()):
        found.append(Reason("回避没有写原因", "例如：申请学生的表哥"))
    return found


def why_not_count(slips: int, voted: int) -> list[Reason]:
    """Enough slips are in, more than half of all, that the figures don't show whose they are."""
    enough = max(FEWEST, slips // 2 + 1)
    if voted >= enough:
        return []
    text = f"已交{voted}张，至少{enough}张才能收票，否则看得出各人的票"
    return [Reason(text, "等其他成员投完，或作废改用纸票")]


def why_thin(code: str, votes: int) -> list[Reason]:
    """After members withdrew so few voted that the figures tell whose they are: none are kept."""
    if votes >= FEWEST:
        return []
    return [Reason(f"{code}{thin_text(votes)}", "补选成员后重新投票，或提交领导小组审定")]


def thin_text(votes: int) -> str:
    """有效票2张，不足3张."""
    return f"有效票{votes}张，不足{FEWEST}张"


def figures(one: BallotCase, unvoted: int) -> dict[str, int]:
    """The tally's votes of one case: who was present and did not vote abstains."""
    votes = {name: int(getattr(one, name)) for name in CHOICES}
    votes["abstain"] += unvoted
    return votes
