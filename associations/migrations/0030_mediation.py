"""Mediation cases [R33]–[R35], opened for the rivals that stand on one slot already."""

import associations.models.notice
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


#: On a slot that several partners hold or claim, one of their rows says what the slot is. Of a subscription
#: that is over there is nothing to decide. The sweep then finds the sides, sets the limit and tells them.
OPEN_FOR_RIVALS = """
    INSERT INTO associations_mediationcase (slot_key, tenant_id, product_id, subscription_id, status,
      revision, opened_at, decider, reason, outcome)
    SELECT a.slot_key, a.tenant_id, a.product_id, a.subscription_id, 'hearing', 0, CURRENT_TIMESTAMP,
      '', '', ''
    FROM associations_association a
    JOIN (
      SELECT min(r.id) AS id FROM associations_association r
      JOIN associations_claim c ON c.id = r.claim_id
      LEFT JOIN associations_subscription s ON s.id = r.subscription_id
      WHERE (s.id IS NULL OR (s.state <> 'expired'
          AND (s.state = 'grace' OR s.ends_on IS NULL OR s.ends_on >= CURRENT_DATE)))
        AND (r.status = 'official' OR (r.status = 'proposed' AND c.status IN ('submitted',
          'under-review', 'action-required', 'approved', 'dispute', 'official')))
      GROUP BY r.slot_key HAVING count(DISTINCT r.partner_id) > 1
    ) one ON one.id = a.id"""

#: As shipped; where staff deleted all limits, the defaults count without rows.
ADD_LIMITS = """
    INSERT INTO associations_timelimit ("window", days, day_kind)
    SELECT 'WINDOW', 5, 'business'
    WHERE EXISTS (SELECT 1 FROM associations_timelimit)
      AND NOT EXISTS (SELECT 1 FROM associations_timelimit WHERE "window" = 'WINDOW')"""

WINDOWS = ("case-statements", "case-customer", "case-decide", "case-dispute")


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0029_review_figures'),
        ('notifications', '0010_wording'),
        ('partners', '0010_staff_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='association',
            name='parked_reason',
            field=models.CharField(blank=True, choices=[('slot-held', 'Another partner is already official for this product'), ('own-claim', 'This partner is already official for this product through another claim'), ('subscription-ended', 'The subscription has ended'), ('contested', 'The mediation decision for this product can still be disputed'), ('fault', 'An error kept this product from becoming official')], editable=False, max_length=20, verbose_name='reason for the hold'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('created', 'Draft started'), ('moved', 'Status changed'), ('edited', 'Claim edited'), ('document-added', 'Proof added'), ('document-removed', 'Proof withdrawn'), ('excluded', 'Products excluded at review'), ('notice-queued', 'Customer notice queued'), ('notice-sent', 'Customer notice accepted by the mail server'), ('notice-failed', 'Customer notice could not be delivered'), ('contact-corrected', 'Contact corrected'), ('contact-confirmed', 'Contact confirmed by the reviewer'), ('confirmed', 'Customer confirmed the claim'), ('wrong-person', 'Contact said they are not the right person'), ('opted-out', 'Customer opted out'), ('opt-out-taken-back', 'Customer took the opt-out back'), ('association-ended', 'Association ended'), ('parked', 'On hold: could not become official'), ('product-official', 'Became official after being on hold'), ('assigned', 'Reviewer assigned'), ('mediation-opened', 'Mediation opened'), ('mediation-stated', 'Statement for the mediation given'), ('mediation-won', 'Mediation decided for this claim'), ('mediation-lost', 'Mediation decided against this claim'), ('mediation-disputed', 'Mediation decision disputed'), ('mediation-over', 'Mediation ended without a decision'), ('handed-over', 'Handed over after mediation')], max_length=20),
        ),
        migrations.AlterField(
            model_name='timelimit',
            name='window',
            field=models.CharField(choices=[('begin-review', 'Staff start the review'), ('decide', 'Staff decide'), ('partner-answer', 'Partner answers a request'), ('customer-opt-out', 'Customer can opt out'), ('partner-dispute', 'Partner can dispute'), ('decide-dispute', 'Staff decide a dispute'), ('case-statements', 'Both sides of a mediation give statements'), ('case-customer', 'Customer answers in a mediation'), ('case-decide', 'Staff decide a mediation'), ('case-dispute', 'Partner can dispute a mediation')], max_length=30, verbose_name='window'),
        ),
        migrations.CreateModel(
            name='CaseQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='email')),
                ('language', models.CharField(choices=[('en', 'English'), ('pt-br', 'Brazilian Portuguese')], max_length=10, verbose_name='language')),
                ('token', models.CharField(default=associations.models.notice.make_token, editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('message', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.message')),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CaseAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('partner', 'One of the partners'), ('neither', 'None of them'), ('operator', 'The operator decides')], max_length=10)),
                ('answered_at', models.DateTimeField()),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='associations.casequestion')),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='MediationCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot_key', models.CharField(max_length=120)),
                ('status', models.CharField(choices=[('hearing', 'Waiting for the statements'), ('asking', 'Waiting for the customer'), ('deciding', 'Waiting for the decision'), ('decided', 'Decided; can be disputed'), ('disputed', 'Decision disputed'), ('handover', 'Waiting for the handover'), ('closed', 'Closed')], default='hearing', max_length=10, verbose_name='status')),
                ('revision', models.PositiveIntegerField(default=0)),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('window_opened_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True, verbose_name='deadline')),
                ('reminded_of', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField(null=True, verbose_name='customer asked')),
                ('asked_until', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('decider', models.CharField(blank=True, choices=[('partner', 'Partner'), ('staff', 'Staff'), ('customer', 'Customer'), ('system', 'System')], max_length=10)),
                ('reason', models.TextField(blank=True, max_length=5000, verbose_name='reason')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('outcome', models.CharField(blank=True, choices=[('carried-out', 'The decision was carried out'), ('no-contest', 'Only one partner was left'), ('winner-left', "The chosen partner's claim ended; the slot stayed as it was"), ('subscription-ended', 'The subscription ended')], max_length=20, verbose_name='outcome')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.product', verbose_name='product')),
                ('subscription', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.subscription', verbose_name='subscription')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.tenant', verbose_name='customer')),
                ('winner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner', verbose_name='decided for')),
            ],
            options={
                'verbose_name': 'mediation case',
                'verbose_name_plural': 'mediation cases',
                'ordering': ['-id'],
                'permissions': [('mediate', 'May decide mediation cases')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='CaseSide',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('statement', models.CharField(blank=True, max_length=300, verbose_name='statement')),
                ('stated_at', models.DateTimeField(null=True)),
                ('disputed_at', models.DateTimeField(null=True)),
                ('dispute', models.TextField(blank=True, max_length=5000, verbose_name='dispute')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='case_sides', to='associations.claim')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sides', to='associations.mediationcase')),
            ],
            options={
                'ordering': ['joined_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='casequestion',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='associations.mediationcase'),
        ),
        migrations.AddIndex(
            model_name='mediationcase',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['due_at', 'id'], name='case_open_by_deadline'),
        ),
        migrations.AddConstraint(
            model_name='mediationcase',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('slot_key',), name='case_one_open_per_slot'),
        ),
        migrations.AddConstraint(
            model_name='caseside',
            constraint=models.UniqueConstraint(fields=('case', 'partner'), name='case_side_once_per_partner'),
        ),
        migrations.RunSQL(OPEN_FOR_RIVALS, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(ADD_LIMITS.replace("WINDOW", each), migrations.RunSQL.noop)
            for each in WINDOWS
        ),
    ]
