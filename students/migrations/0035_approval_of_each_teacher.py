"""A roster is approved by the class's head teacher of now: each new one looks at it himself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("students", "0034_names_that_differ")]

    operations = [
        migrations.RemoveConstraint(model_name="rosterapproval", name="roster_approved_once"),
        migrations.AddConstraint(
            model_name="rosterapproval",
            constraint=models.UniqueConstraint(
                fields=("school", "school_class", "term", "digest", "approved_by"),
                name="roster_approved_once",
            ),
        ),
    ]
