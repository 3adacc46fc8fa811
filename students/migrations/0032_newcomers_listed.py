"""Whose entry no file tells is a newcomer since the import; names in letters are found by words."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from students.rules.names import pinyin_of

# Names in letters, and those with a character that has no pinyin; both are few.
UNFOUND = """
SELECT id, name FROM students_student
 WHERE school_id = %s AND (name_plain < '\u2e80' OR pinyin ~ '[^a-z]')
"""
SPELL = "UPDATE students_student SET pinyin = %s, initials = %s WHERE school_id = %s AND id = %s"


def spell(apps: Any, schema_editor: Any) -> None:
    """Write anew what such names are found by, school by school."""
    alias = schema_editor.connection.alias
    schools = apps.get_model("schools", "School").objects.using(alias)
    with schema_editor.connection.cursor() as cursor:
        for school_id in list(schools.values_list("pk", flat=True)):
            cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school_id)])
            cursor.execute(UNFOUND, [school_id])
            for key, name in cursor.fetchall():
                cursor.execute(SPELL, [*pinyin_of(name), school_id, key])
        cursor.execute("SELECT set_config('aid.scope', '', true)")


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0031_left_after_entry"),
    ]

    operations = [
        migrations.AddField(
            model_name="student",
            name="listed_on",
            field=models.DateField(null=True, verbose_name="列入名册的日期"),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(
                condition=Q(listed_on__isnull=False),
                fields=["school", "listed_on"],
                name="student_listed",
            ),
        ),
        migrations.RunPython(spell, migrations.RunPython.noop),
    ]
