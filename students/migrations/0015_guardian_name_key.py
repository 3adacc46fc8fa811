"""One guardian however the dot in the name is written."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Func, Value
from django.db.models.functions import Upper

WIDE = "".join(map(chr, (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))))
FROM = "•‧・．.∙⋅･●᛫" + WIDE + " \u00a0\u3000"
TO = "·" * 10 + "".join(chr(ord(c) - 0xFEE0) for c in WIDE)
# The first entered stays and learns what only a later spelling of him told.
LEARN = """
UPDATE students_guardian AS first
   SET phone = coalesce(first.phone, other.phone),
       phone_blind = coalesce(first.phone_blind, other.phone_blind),
       id_kind = coalesce(nullif(first.id_kind, ''), other.id_kind),
       id_number = coalesce(first.id_number, other.id_number),
       id_blind = coalesce(first.id_blind, other.id_blind)
  FROM students_guardian AS other
 WHERE first.school_id = %(school)s AND other.school_id = %(school)s
   AND other.student_id = first.student_id AND other.name_key = first.name_key
   AND other.id > first.id
"""
FORGET = """
DELETE FROM students_guardian AS other USING students_guardian AS first
 WHERE first.school_id = %(school)s AND other.school_id = %(school)s
   AND other.student_id = first.student_id AND other.name_key = first.name_key
   AND other.id > first.id
"""


def merge(apps: Any, schema_editor: Any) -> None:
    """Spellings of one guardian become one row, school by school."""
    alias = schema_editor.connection.alias
    schools = apps.get_model("schools", "School").objects.using(alias)
    with schema_editor.connection.cursor() as cursor:
        for school_id in list(schools.values_list("pk", flat=True)):
            cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school_id)])
            cursor.execute(LEARN, {"school": school_id})
            cursor.execute(FORGET, {"school": school_id})
        cursor.execute("SELECT set_config('aid.scope', '', true)")


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0014_identity_correction"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="guardian", name="guardian_once"),
        migrations.AddField(
            model_name="guardian",
            name="name_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=Upper(Func(F("name"), Value(FROM), Value(TO), function="translate")),
                output_field=models.CharField(max_length=128),
            ),
        ),
        migrations.RunPython(merge, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.UniqueConstraint(
                fields=("school", "student", "name_key"), name="guardian_once"
            ),
        ),
    ]
