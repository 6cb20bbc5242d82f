from django.db import models

from partners.models import Partner

from .claim import Claim


class ClaimText(models.Model):
    """The words by which a claim is found: those of its name and of its products [R46].

    A separate table, written when a claim is edited: an index of words on the claim itself would have
    to be written at each change of status. Only ``search_text`` writes it. ``people`` are the names and
    addresses of its contacts, for the search of people.
    """

    claim = models.OneToOneField(
        Claim, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+", db_index=False)
    text = models.CharField(max_length=4_000)
    people = models.CharField(max_length=2_000, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["partner", "-claim"], name="claim_text_list")]

    def __str__(self):
        return self.text
