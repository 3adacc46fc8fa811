"""Many students at once, written by one statement: for tests and benchmarks of lists."""

from django.db import connection

from schools.models import School
from students.models import SchoolClass, Student
from students.rules.names import pinyin_of

FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜张李王张李王"
GIVEN = "示例样远宁清予明文川"
# What differs from the first student; the n-th of the crowd takes the n-th name.
CHANGED = {
    "name": "names.name",
    "name_key": "names.name",
    "pinyin": "names.pinyin",
    "initials": "names.initials",
    "id_blind": "sha256(('crowd' || school_id || '-' || n)::bytea)",
    "enrolment_blind": "NULL",
    "student_no": "'2026' || lpad(n::text, 7, '0')",
    "school_class_id": "(%s::bigint[])[n %% %s + 1]",
    "status": "CASE WHEN n %% 100 = 0 THEN 'suspended' WHEN n %% 10 = 1 THEN 'left'"
    " ELSE 'enrolled' END",
    "left_on": "CASE WHEN n %% 100 <> 0 AND n %% 10 = 1 THEN date '2026-07-01' END",
    # Nobody left before he came.
    "entered_on": "CASE WHEN n %% 100 <> 0 AND n %% 10 = 1 THEN date '2025-09-01'"
    " ELSE model.entered_on END",
    "boarding": "CASE WHEN n %% 3 = 0 THEN 'boarder' ELSE 'day' END",
}


def names() -> list[tuple[str, str, str]]:
    """Plainly made-up names with their pinyin and initials."""
    found = [f + a + b for f in FAMILY for a in GIVEN for b in GIVEN]
    return [(name, *pinyin_of(name)) for name in found]


def crowd(school: School, size: int, *, classes: int = 40) -> None:
    """`size` more students of the school in `classes` new classes; a tenth of them has left."""
    places = [
        SchoolClass.objects.create(
            school=school, stage="senior", grade=n % 3 + 1, number=500 + n, name=f"大{n}班"
        ).pk
        for n in range(classes)
    ]
    like = Student.objects.for_school(school).order_by("pk")[0]
    columns = [str(f.column) for f in Student._meta.concrete_fields if f.column not in EXCEPT]
    values = ", ".join(CHANGED.get(c, f"model.{c}") for c in columns)
    people = names()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO students_student ({', '.join(columns)}) SELECT {values}"
            " FROM generate_series(1, %s) n"
            " JOIN unnest(%s::text[], %s::text[], %s::text[])"
            " WITH ORDINALITY names(name, pinyin, initials, place)"
            " ON place = n::bigint * 7919 %% %s + 1"
            " CROSS JOIN (SELECT * FROM students_student WHERE id = %s) model",
            [places, classes, size, *(list(c) for c in zip(*people, strict=True)), len(people),
             like.pk],
        )  # fmt: skip


EXCEPT = ("id", "name_plain")
