"""Money paid unjustly comes back by two persons."""

import django.db.models.deletion
import schools.tenancy
from django.db import migrations, models

from schools.walls import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('disbursement', '0007_bank_rejection'),
        ('schools', '0002_walls'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('fund', '资金到账'), ('fund_reversed', '冲销到账'), ('award', '确定资助'), ('award_revoked', '取消资助'), ('sent', '送银行'), ('rejected', '银行整批退回'), ('paid', '到账'), ('failed', '退汇'), ('recovered', '追回')], max_length=16, verbose_name='事由'),
        ),
        migrations.AlterField(
            model_name='ledgerposting',
            name='account',
            field=models.CharField(choices=[('received', '收到资金'), ('fund', '可用资金'), ('committed', '已确定未到账'), ('payable', '应付学生'), ('in_transit', '银行在途'), ('paid', '已到账'), ('recovered', '已追回')], max_length=12, verbose_name='科目'),
        ),
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='金额（分）')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('status', models.CharField(choices=[('asked', '待确认'), ('claimed', '追回中'), ('returned', '已追回'), ('dismissed', '不予追回')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('confirm_at', models.DateTimeField(null=True)),
                ('dismiss_at', models.DateTimeField(null=True)),
                ('dismiss_reason', models.CharField(blank=True, max_length=200)),
                ('settle_at', models.DateTimeField(null=True)),
                ('returned_on', models.DateField(null=True, verbose_name='追回到账日期')),
                ('voucher', models.CharField(blank=True, max_length=64, verbose_name='凭证号')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('award', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='disbursement.award')),
                ('confirm_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('dismiss_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
                ('line', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='disbursement.paymentline')),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('settle_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person')),
            ],
            options={
                'indexes': [models.Index(fields=['school', 'award'], name='recovery_award')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'dismissed'), _negated=True), fields=('school', 'line'), name='recovery_once'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='recovery_positive'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recovery_reason'), models.CheckConstraint(condition=models.Q(('confirm_by', None), models.Q(('confirm_by', models.F('asked_by')), _negated=True), _connector='OR'), name='recovery_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('claimed', 'returned')), _negated=True), models.Q(('confirm_at__isnull', False), ('confirm_by__isnull', False)), _connector='OR'), name='recovery_claimed_stamp'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'returned'), _negated=True), models.Q(('returned_on__isnull', False), ('settle_at__isnull', False), ('settle_by__isnull', False), models.Q(('voucher', ''), _negated=True)), _connector='OR'), name='recovery_returned_stamp'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'dismissed'), _negated=True), models.Q(('dismiss_at__isnull', False), ('dismiss_by__isnull', False)), _connector='OR'), name='recovery_dismissed_stamp')],
            },
        ),
        Wall("Recovery"),
    ]
