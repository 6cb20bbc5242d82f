from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0016_draft_warning'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('created', 'Draft started'), ('moved', 'Status changed'), ('edited', 'Claim edited'), ('document-added', 'Proof added'), ('document-removed', 'Proof withdrawn'), ('excluded', 'Products excluded at review'), ('notice-queued', 'Customer notice queued'), ('notice-sent', 'Customer notice accepted by the mail server'), ('notice-failed', 'Customer notice could not be delivered'), ('contact-corrected', 'Contact corrected'), ('contact-confirmed', 'Contact confirmed by the reviewer'), ('confirmed', 'Customer said that it is right'), ('wrong-person', 'Contact said they are not the right person'), ('opted-out', 'Customer opted out'), ('opt-out-taken-back', 'Customer took the opt-out back'), ('association-ended', 'Association ended'), ('parked', 'Parked: could not become official'), ('product-official', 'Became official after it was parked'), ('assigned', 'Reviewer assigned')], max_length=20),
        ),
    ]
