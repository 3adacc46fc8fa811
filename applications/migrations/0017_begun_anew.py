"""What was withdrawn and begun anew keeps no day of its first coming; who signed, and consent."""

from django.db import migrations, models

# The owner is walled too (forced), so the wall is lifted while the older rows are mended.
MEND = """
ALTER TABLE applications_application NO FORCE ROW LEVEL SECURITY;
UPDATE applications_application
   SET submit_at = NULL, submit_by_id = NULL, hand_over_at = NULL, late_reason = '', late_by_id = NULL
 WHERE status = 'draft'
   AND (submit_at IS NOT NULL OR submit_by_id IS NOT NULL OR hand_over_at IS NOT NULL);
ALTER TABLE applications_application FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0016_programme_guards'),
        ('schools', '0002_walls'),
        ('students', '0014_identity_correction'),
    ]

    operations = [
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='application',
            name='committed_relation',
            field=models.CharField(blank=True, choices=[('father', '父亲'), ('mother', '母亲'), ('guardian', '其他监护人'), ('student', '学生本人')], max_length=12, verbose_name='承诺人与学生的关系'),
        ),
        migrations.AddField(
            model_name='application',
            name='consents',
            field=models.BooleanField(default=False, verbose_name='同意个人信息处理'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'draft'), _negated=True), models.Q(('hand_over_at', None), ('submit_at', None), ('submit_by', None)), _connector='OR'), name='application_draft_unsubmitted'),
        ),
    ]
