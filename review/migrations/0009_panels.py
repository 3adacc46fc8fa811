"""评议小组: who sits in a class panel and how the students were chosen."""

import django.db.models.deletion
import schools.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0004_family_walls'),
        ('review', '0008_posting_walls'),
        ('schools', '0002_walls'),
        ('students', '0009_approved_roll'),
    ]

    operations = [
        migrations.CreateModel(
            name='Panel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.CharField(blank=True, max_length=32, verbose_name='抽取种子')),
                ('class_size', models.PositiveSmallIntegerField(verbose_name='班级人数')),
                ('size_reason', models.CharField(blank=True, max_length=200, verbose_name='人数说明')),
                ('formed_at', models.DateTimeField()),
                ('formed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('round', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='panels', to='applications.round')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('school_class', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='panels', to='students.schoolclass')),
            ],
        ),
        migrations.CreateModel(
            name='PanelMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('student', '学生'), ('parent', '家长'), ('teacher', '教师')], max_length=8, verbose_name='身份')),
                ('name', models.CharField(max_length=64, verbose_name='姓名')),
                ('panel', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='review.panel')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('student', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='panel_seats', to='students.student')),
            ],
        ),
        migrations.AddConstraint(
            model_name='panel',
            constraint=models.UniqueConstraint(fields=('school', 'round', 'school_class'), name='panel_once'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.UniqueConstraint(fields=('school', 'panel', 'student'), name='panel_member_student'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.UniqueConstraint(condition=models.Q(('student', None)), fields=('school', 'panel', 'kind', 'name'), name='panel_member_name'),
        ),
        migrations.AddConstraint(
            model_name='panelmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'student'), ('student__isnull', False)), models.Q(models.Q(('kind', 'student'), _negated=True), ('student', None)), _connector='OR'), name='panel_member_kind'),
        ),
    ]
