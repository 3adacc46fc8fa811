"""The one refusal of a file that can't be read as a table."""

from audit.refusal import Reason

DAMAGED = ("文件已损坏，打不开。", "请用 Excel 或 WPS 打开并另存为 .xlsx，再上传。")
PASSWORD = ("文件有密码。", "请在 Excel 中取消密码后重新上传。")
# Old Excel also locks a file whose structure alone is protected, and opens it without asking.
OLD_PASSWORD = (
    "文件有密码。",
    "请用 Excel 或 WPS 打开，取消密码和“保护工作簿”，另存为 .xlsx 后重新上传。",
)


# Above the rows that are counted: titles and the heading, which is looked for so far.
HEADING_ROWS = 20


class Unreadable(Exception):
    """A file that can't be read: `reason` says why, `mend` what the officer can do about it."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}{mend}")
        self.reason = reason
        self.mend = mend

    def as_reason(self) -> Reason:
        """The same for a page's list of reasons, which ends its sentences itself."""
        return Reason(self.reason.rstrip("。"), self.mend.rstrip("。"))
