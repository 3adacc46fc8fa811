"""Who chaired the class panel does not confirm its cases."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("review", "0003_case_evidence")]

    operations = [
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                name="case_not_by_its_chair",
                condition=Q(confirm_by=None)
                | Q(appraise_by=None)
                | ~Q(confirm_by=F("appraise_by")),
            ),
        ),
    ]
