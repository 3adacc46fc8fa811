"""勤工助学 is a kind of programme (requirement row 0-16)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0017_begun_anew'),
    ]

    operations = [
        migrations.AlterField(
            model_name='programme',
            name='kind',
            field=models.CharField(choices=[('grant', '助学金'), ('subsidy', '生活补助'), ('scholarship', '奖学金'), ('waiver', '学费减免'), ('relief', '特殊困难补助'), ('work_study', '勤工助学')], max_length=12, verbose_name='类别'),
        ),
    ]
