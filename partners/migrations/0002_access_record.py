import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='when')),
                ('kind', models.CharField(choices=[('signed_in', 'Signed in'), ('member_invited', 'Invited a member'), ('invitation_resent', 'Sent an invitation again'), ('invitation_revoked', 'Revoked an invitation'), ('member_joined', 'Accepted an invitation'), ('member_added', 'Added a member'), ('role_changed', 'Changed a role or its locations'), ('member_removed', 'Removed a member'), ('member_left', 'Left the partner'), ('claims_exported', 'Exported the claims list'), ('proof_opened', 'Opened a file of proof'), ('proof_reviewed', 'Opened a file of proof as staff'), ('usage_viewed', 'Looked at usage'), ('usage_exported', 'Exported usage')], max_length=20, verbose_name='what')),
                ('subject', models.CharField(blank=True, max_length=500, verbose_name='with what')),
                ('role', models.CharField(blank=True, choices=[('incentives_admin', 'Incentives admin'), ('incentives_user', 'Incentives user')], max_length=20, verbose_name='role')),
                ('scope', models.TextField(blank=True, help_text='Empty where the role is for all locations.', verbose_name='chosen locations')),
                ('about', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person it was done to')),
                ('location', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.location', verbose_name='location')),
                ('partner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner', verbose_name='partner')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'access',
                'verbose_name_plural': 'access record',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['partner', '-id'], name='access_by_partner'), models.Index(fields=['partner', 'user', '-id'], name='access_by_person'), models.Index(fields=['partner', 'kind', '-id'], name='access_by_kind')],
            },
        ),
    ]
