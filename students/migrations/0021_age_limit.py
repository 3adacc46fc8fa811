"""Between which ages a school asks nothing, as it sets them itself."""

import django.db.models.deletion
from django.db import migrations, models

from schools.walls import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('students', '0020_exchanged_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgeLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('preschool', '学前'), ('primary', '小学'), ('junior', '初中'), ('senior', '普通高中'), ('vocational', '中等职业')], max_length=12, verbose_name='学段')),
                ('least', models.PositiveSmallIntegerField(verbose_name='最低年龄')),
                ('most', models.PositiveSmallIntegerField(verbose_name='最高年龄')),
                ('reason', models.CharField(max_length=120, verbose_name='原因')),
                ('set_at', models.DateTimeField()),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('school', 'stage'), name='age_limit_once'), models.CheckConstraint(condition=models.Q(('least__lt', models.F('most')), models.Q(('reason', ''), _negated=True)), name='age_limit_order')],
            },
        ),
        Wall("AgeLimit"),
    ]
