"""A word keeps which hardships there were, not how many: another one brings the student back."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

# As they were on the day on which it was proposed.
LEARN = """
UPDATE students_protectionword AS word
   SET held = ARRAY(
     SELECT held_group.code
       FROM students_specialgrouptag AS tag
       JOIN students_specialgroup AS held_group ON held_group.id = tag.group_id
      WHERE tag.school_id = word.school_id AND tag.student_id = word.student_id
        AND tag.valid_from <= (word.proposed_at AT TIME ZONE 'Asia/Shanghai')::date
        AND (tag.valid_to IS NULL
             OR tag.valid_to >= (word.proposed_at AT TIME ZONE 'Asia/Shanghai')::date)
      UNION
     SELECT 'disabled'
       FROM students_student AS student
      WHERE student.school_id = word.school_id AND student.id = word.student_id
        AND student.disability IS NOT NULL)
 WHERE word.school_id = %s AND NOT word.listed
"""


def learn(apps: Any, schema_editor: Any) -> None:
    """The hardships of each word that lowers, school by school."""
    alias = schema_editor.connection.alias
    schools = apps.get_model("schools", "School").objects.using(alias)
    with schema_editor.connection.cursor() as cursor:
        for school_id in list(schools.values_list("pk", flat=True)):
            cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school_id)])
            cursor.execute(LEARN, [school_id])
        cursor.execute("SELECT set_config('aid.scope', '', true)")


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0022_protection_stamps'),
    ]

    operations = [
        migrations.AddField(
            model_name='protectionword',
            name='held',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None, verbose_name='当时的困难情形'),
        ),
        migrations.RunPython(learn, migrations.RunPython.noop),
        migrations.RemoveField(model_name='protectionword', name='held_for'),
    ]
