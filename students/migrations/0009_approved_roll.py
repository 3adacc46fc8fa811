"""An approval keeps what was approved, so that the next one can show what changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("students", "0008_candidates")]

    operations = [
        migrations.AddField(
            model_name="rosterapproval",
            name="roll",
            field=models.JSONField(default=list),
        ),
    ]
