"""The family's entry: one answer for every failure, counted tries, a visit that ends."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.actions.family_entry import IDLE, LIMITS
from applications.models import AccessCode, EntryTry, FamilyVisit, Round
from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_id
from schools.scope import current
from schools.tenancy import set_scope
from tests.applications import family
from tests.cast import Cast

CHILD = EntryTry.Kind.CHILD
PASSPORT = "C01X00T47"


@pytest.fixture
def code(cast: Cast, round_: Round) -> str:
    issued = actions.issue_code(round_=round_, school_class=cast.a.school_class, by=cast.operator)
    return str(issued.code.reveal())


def tail(cast: Cast, n: int = 0) -> str:
    return str(cast.a.students[n].id_number.reveal()[-6:])


def wrong_ones(cast: Cast, code: str) -> dict[str, dict[str, str]]:
    """Each way to be wrong; the last is nobody at all."""
    right = {"code": code, "name": "张示远", "tail": tail(cast)}
    return {
        "code": {**right, "code": "ABCDEFGHJKMN"},
        "name": {**right, "name": "张不在"},
        "tail": {**right, "tail": "000000"},
        "a classmate's tail": {**right, "tail": tail(cast, 1)},
        "everything": {"code": "ABCDEFGHJKMN", "name": "张不在", "tail": "000000"},
    }


def test_a_child_is_found_however_the_code_is_typed(cast: Cast, code: str) -> None:
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    token = actions.enter(code=typed, name="张 示远", tail=tail(cast), address="::1")
    assert token is not None
    visit = actions.visit_of(token)
    assert visit is not None
    assert visit.student == cast.a.students[0]
    assert visit.school == cast.school


@pytest.mark.parametrize(
    "typed", ["迪丽热巴·样例", "迪丽热巴样例", "迪丽热巴.样例", "迪丽热巴 • 样例"]
)
def test_a_name_is_found_with_and_without_its_dot(cast: Cast, code: str, typed: str) -> None:
    child = cast.a.students[0]
    child.name = child.name_key = "迪丽热巴·样例"
    child.save()
    token = actions.enter(code=code, name=typed, tail=tail(cast), address="::1")
    assert token is not None


@pytest.mark.parametrize("typed", ["X00T47", "x00t47", " Ｘ00 T47"])
def test_a_child_with_a_passport_is_found(cast: Cast, code: str, typed: str) -> None:
    child = cast.a.students[0]
    child.id_kind, child.id_number, child.id_blind = "passport", PASSPORT, blind_id(PASSPORT)
    child.save()
    assert actions.enter(code=code, name=child.name, tail="000047", address="::1") is None
    assert actions.enter(code=code, name=child.name, tail=typed, address="::1") is not None


def test_dots_give_nobody_more_tries(cast: Cast, code: str) -> None:
    for name in ("张示远", "张·示远", "张示·远", "张.示远"):
        assert actions.enter(code=code, name=name, tail="000000", address="::1") is None
    tries = EntryTry.objects.filter(kind=CHILD)
    assert [t.count for t in tries] == [4]


def test_every_failure_has_the_same_answer(cast: Cast, code: str) -> None:
    set_scope(None)
    pages = {}
    for what, typed in wrong_ones(cast, code).items():
        answer = Client().post("/f/", typed)
        body = answer.content.decode()
        for word in {*typed.values()}:
            body = body.replace(word, "…")
        pages[what] = (answer.status_code, _without_chance(body), "family" in answer.cookies)
    assert len({str(p) for p in pages.values()}) == 1, pages
    assert pages["code"][0] == 422
    assert current() is None


def test_too_short_a_tail_is_told_so_of_everybody_alike(cast: Cast, code: str) -> None:
    short = tail(cast)[-4:]
    right = {"code": code, "name": "张示远", "tail": short}
    pages = set()
    for typed in (right, {"code": "ABCDEFGHJKMN", "name": "张不在", "tail": short}):
        body = Client().post("/f/", typed).content.decode()
        assert "要填最后6位数字和字母" in body
        for word in typed.values():
            body = body.replace(word, "…")
        pages.add(_without_chance(body))
    assert len(pages) == 1


def _without_chance(body: str) -> str:
    lines = [x for x in body.splitlines() if "csrf" not in x.lower() and "nonce" not in x]
    return "\n".join(lines)


def test_every_failure_asks_the_database_the_same(cast: Cast, code: str) -> None:
    set_scope(None)
    asked = {}
    for what, typed in wrong_ones(cast, code).items():
        with CaptureQueriesContext(connection) as queries:
            assert actions.enter(**typed, address="192.0.2.1") is None
        asked[what] = [re.sub(r"'[^']*'|\d+", "…", q["sql"]) for q in queries]
    assert len({str(q) for q in asked.values()}) == 1


def test_the_page_of_a_code_says_nothing_about_it(cast: Cast, code: str) -> None:
    known, unknown = (Client().get(f"/f/{c}/") for c in (code, "ABCDEFGHJKMN"))
    assert known.status_code == unknown.status_code == 200
    assert _without_chance(known.content.decode().replace(code, "ABCDEFGHJKMN")) == (
        _without_chance(unknown.content.decode())
    )
    assert "no-store" in known["Cache-Control"]


def test_tries_of_one_child_are_counted_and_told_once(cast: Cast, code: str) -> None:
    most = LIMITS[CHILD][1]
    for n in range(most):
        assert actions.enter(code=code, name="张示远", tail=f"{n:06d}", address=f"{n}") is None
    for _ in range(3):
        with pytest.raises(Refused, match="试的次数太多"):
            actions.enter(code=code, name="张示远", tail=tail(cast), address="::9")
    # A classmate is not locked out, nor is a name that does not exist treated otherwise.
    assert actions.enter(code=code, name="李样宁", tail=tail(cast, 1), address="::9") is not None
    for _ in range(most):
        assert actions.enter(code=code, name="张不在", tail="000000", address="::9") is None
    with pytest.raises(Refused, match="试的次数太多"):
        actions.enter(code=code, name="张不在", tail="000000", address="::9")
    locked = Event.objects.filter(verb="access_code.locked")
    assert locked.count() == 2
    assert {str(e.facts) for e in locked} == {"{'limit': 'child'}"}


@pytest.mark.parametrize("kind", [EntryTry.Kind.ADDRESS, EntryTry.Kind.CODE])
def test_tries_of_one_address_or_code_are_counted(
    cast: Cast, code: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, kind, (LIMITS[kind][0], 3))
    for n in range(3):
        assert actions.enter(code=code, name=f"张{n}", tail="000000", address="::1") is None
    with pytest.raises(Refused, match="试的次数太多"):
        actions.enter(code=code, name="张示远", tail=tail(cast), address="::1")


def test_a_class_that_comes_in_at_once_is_not_locked_out(cast: Cast, code: str) -> None:
    for _ in range(LIMITS[CHILD][1] + 3):
        assert actions.enter(code=code, name="张示远", tail=tail(cast), address="::1")
    assert set(EntryTry.objects.values_list("count", flat=True)) == {0}


def test_tries_name_nobody(cast: Cast, code: str) -> None:
    actions.enter(code=code, name="张示远", tail="000000", address="192.0.2.77")
    rows = str(list(EntryTry.objects.values()))
    assert "张示远" not in rows
    assert "192.0.2.77" not in rows
    assert code not in rows


def test_the_answer_to_too_many_is_a_page(cast: Cast, code: str) -> None:
    wrong = {"code": code, "name": "张示远", "tail": "000000"}
    statuses = [Client().post("/f/", wrong).status_code for _ in range(LIMITS[CHILD][1] + 1)]
    assert set(statuses[:-1]) == {422}
    assert statuses[-1] == 429


def test_a_visit_ends_after_half_an_hour_idle(cast: Cast, round_: Round) -> None:
    token = family.token(round_, cast.a.students[0], cast.head_teacher)
    visit = FamilyVisit.objects.get()
    FamilyVisit.objects.update(seen_at=visit.seen_at - IDLE + timedelta(seconds=30))
    assert actions.visit_of(token) is not None
    # Being seen moved the end.
    assert FamilyVisit.objects.get().seen_at >= visit.seen_at
    FamilyVisit.objects.update(seen_at=visit.seen_at - IDLE - timedelta(seconds=1))
    assert actions.visit_of(token) is None


def test_leaving_ends_it_for_good(cast: Cast, round_: Round, client: Client) -> None:
    client.cookies["family"] = family.token(round_, cast.a.students[0], cast.head_teacher)
    kept = client.cookies["family"].value
    assert client.get("/f/form/").status_code == 302
    assert client.post("/f/leave/").status_code == 302
    client.cookies["family"] = kept
    assert client.get("/f/form/who/")["Location"] == "/f/?left=1"


def test_the_cookie_is_scoped_and_apart_from_the_staffs_session(
    cast: Cast, code: str, client: Client
) -> None:
    answer = client.post("/f/", {"code": code, "name": "张示远", "tail": tail(cast)})
    cookie = answer.cookies["family"]
    assert cookie["path"] == "/f/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "sessionid" not in answer.cookies
    assert client.get("/").status_code == 302


def test_the_walls_show_one_code_and_nothing_else(cast: Cast, code: str) -> None:
    set_scope(None)
    assert AccessCode.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aid.family', %s, false)", ["ff" * 32])
        cursor.execute("SELECT count(*) FROM applications_accesscode")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT set_config('aid.family', '', false)")


def test_a_student_who_left_is_not_found(cast: Cast, code: str) -> None:
    student = cast.a.students[0]
    student.status, student.left_on = "left", student.entered_on
    student.save()
    assert actions.enter(code=code, name="张示远", tail=tail(cast), address="::1") is None
