"""What of this floor keeps an application from being withdrawn."""

from applications.models import Application
from audit.refusal import Reason
from review.models import Recognition


def recognised(application: Application) -> list[Reason]:
    """A grade in force was decided on it: taking it away would leave the grade without a ground."""
    held = Recognition.objects.filter(
        school_id=application.school_id, case__application=application, valid_to=None
    )
    if not held.exists():
        return []
    mend = "家庭情况有变的退回补正，重新评议；不要资助的，在资助名单里取消"
    return [Reason("认定已经公示确认，申请不能撤回", mend)]
