from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schools", "0004_nobody_above_himself")]

    operations = [
        migrations.AddField(
            model_name="school",
            name="joint_with",
            field=models.CharField(blank=True, max_length=64, verbose_name="联合办学单位"),
        ),
    ]
