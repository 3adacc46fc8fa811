"""Three heads of observation, and talks and meetings beside visits (requirement row 2-25)."""

import privacy.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0018_work_study'),
    ]

    operations = [
        migrations.AddField(
            model_name='homevisit',
            name='mind',
            field=privacy.fields.SealedField(blank=True, mask='text', null=True, verbose_name='心理健康状况'),
        ),
        migrations.AddField(
            model_name='homevisit',
            name='relations',
            field=privacy.fields.SealedField(blank=True, mask='text', null=True, verbose_name='家庭亲子关系'),
        ),
        migrations.AddField(
            model_name='homevisit',
            name='studies',
            field=privacy.fields.SealedField(blank=True, mask='text', null=True, verbose_name='学业困难'),
        ),
        migrations.AlterField(
            model_name='homevisit',
            name='way',
            field=models.CharField(choices=[('visit', '上门'), ('call', '电话'), ('video', '视频'), ('talk', '谈心谈话'), ('meeting', '家长会')], max_length=8, verbose_name='方式'),
        ),
    ]
