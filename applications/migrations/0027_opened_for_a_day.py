"""That a round was opened by itself holds for the day on which the term was said to start."""

from datetime import date

from django.db import migrations, models

# The owner is walled too (forced), so the wall is lifted while the older rows are told.
FILL = """
ALTER TABLE applications_autoopening NO FORCE ROW LEVEL SECURITY;
UPDATE applications_autoopening AS a SET starts_on = t.starts_on
  FROM schools_term AS t WHERE t.id = a.term_id;
ALTER TABLE applications_autoopening FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0026_round_workdays")]

    operations = [
        migrations.AddField(
            "autoopening",
            "starts_on",
            models.DateField("开学日期", default=date(1970, 1, 1)),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveConstraint("autoopening", "auto_opening_once"),
        migrations.AddConstraint(
            "autoopening",
            models.UniqueConstraint(
                fields=["school", "term", "starts_on", "kind", "programme"],
                name="auto_opening_once",
                nulls_distinct=False,
            ),
        ),
    ]
