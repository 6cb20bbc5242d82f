"""The board of mediation cases."""

from django.contrib import admin

from ...models import MediationCase


@admin.register(MediationCase)
class MediationCaseAdmin(admin.ModelAdmin):
    """Being built."""
