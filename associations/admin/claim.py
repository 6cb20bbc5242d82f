from django.contrib import admin

from ..models import Claim


@admin.register(Claim)
class ClaimAdmin(admin.ModelAdmin):
    pass
