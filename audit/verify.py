"""Check that no event was changed, inserted, dropped or reordered."""

from collections.abc import Iterator
from dataclasses import dataclass

from audit.models import Chain, Event


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold."""

    organisation_id: int
    seq: int
    what: str

    def __str__(self) -> str:
        return f"机构{self.organisation_id}的审计链在第{self.seq}条断开：{self.what}"


def broken_links(organisation_id: int) -> Iterator[Break]:
    """Every break of one organisation's chain, in order; nothing when it holds."""
    expected_seq, previous = 1, ""
    for event in Event.objects.filter(organisation_id=organisation_id).order_by("seq").iterator():
        if event.seq != expected_seq:
            yield Break(
                organisation_id, expected_seq, f"缺第{expected_seq}条，接着的是第{event.seq}条"
            )
            expected_seq = event.seq
        elif event.previous != previous:
            yield Break(organisation_id, event.seq, "与上一条的指纹不相接")
        if event.computed_digest() != event.digest:
            yield Break(organisation_id, event.seq, "内容与指纹不符")
        previous = event.digest
        expected_seq += 1
    chain = Chain.objects.filter(organisation_id=organisation_id).first()
    seq, head = (chain.seq, chain.head) if chain else (0, "")
    if (seq, head) != (expected_seq - 1, previous):
        yield Break(organisation_id, expected_seq, "末尾与链头记录不符")
