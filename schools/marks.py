"""What a page remembers of an organisation's facts, so that a save notices a change since then."""

from audit.refusal import Reason
from privacy.marks import mark_of
from schools.models import Bureau, School

FACTS = (
    "code",
    "name",
    "stage",
    "superior_id",
    "territory_id",
    "is_private",
    "has_boarding",
    "joint_with",
    "contact_name",
    "contact_phone",
    "contact_email",
    "address",
)


def of_organisation(row: School | Bureau) -> str:
    """The mark of everything that `founding.change` changes; tells nothing."""
    return mark_of("organisation", [getattr(row, name, None) for name in FACTS])


def why_changed(row: School | Bureau, mark: str) -> list[Reason]:
    """Why a save from a page that knew `mark` would undo somebody else's."""
    if not mark or mark == of_organisation(row):
        return []
    return [Reason("资料刚刚被别人改过，这次没有保存", "请刷新页面，看过现在的内容再改")]
