"""A bureau's version of the scheme says whether its schools must use it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0011_scheme_versions")]

    operations = [
        migrations.AddField(
            model_name="scoringscheme",
            name="binding",
            field=models.CharField(
                choices=[("may", "学校可以另定"), ("must", "学校必须使用")],
                default="may",
                max_length=4,
                verbose_name="约束力",
            ),
        ),
    ]
