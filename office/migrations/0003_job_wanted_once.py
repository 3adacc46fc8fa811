"""One job at a time for the same file and the same person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0002_walls"),
        ("schools", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="once",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ("waiting", "running")),
                    ("stop_wanted", False),
                    models.Q(("once", ""), _negated=True),
                ),
                fields=("organisation", "once"),
                name="job_wanted_once",
            ),
        ),
    ]
