"""Cases keep a digest of the facts they were scored by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="evidence",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
