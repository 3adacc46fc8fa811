"""A grade does not end before it began, also when it is changed on its first day."""

from django.db import migrations, models
from django.db.models import F, Q

# The owner is walled too (forced), so the wall is lifted while its rows are mended.
MEND = """
ALTER TABLE review_recognition NO FORCE ROW LEVEL SECURITY;
UPDATE review_recognition SET valid_to = valid_from WHERE valid_to < valid_from;
ALTER TABLE review_recognition FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0004_case_not_by_its_chair")]

    operations = [
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="recognition",
            constraint=models.CheckConstraint(
                name="recognition_period",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ),
    ]
