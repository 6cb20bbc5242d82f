"""The catalogue and the time limits, edited by staff [R4]. Codes never change once created.

What is shipped or in use is deactivated, not deleted: claims and histories still name it.
"""

from django.contrib import admin

from cpor_site.web.admin_site import StaffAdmin

from ...filing.catalogue import PRODUCTS
from ...models import Association, Product, TimeLimit

SHIPPED_PRODUCTS = frozenset(code for products in PRODUCTS.values() for code in products)


@admin.register(Product)
class ProductAdmin(StaffAdmin):
    is_short_list = True
    list_display = ("name", "code", "solution_area", "is_active", "position")
    list_filter = ("solution_area", "is_active")
    search_fields = ("name", "code")
    ordering = ("solution_area", "position", "name")
    prepopulated_fields = {"code": ("name",)}

    def get_readonly_fields(self, request, obj=None):
        return ("code", "solution_area") if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, request, obj=None):
        if obj is None or obj.code in SHIPPED_PRODUCTS or is_in_use(obj):
            return False
        return super().has_delete_permission(request, obj)


def is_in_use(product: Product) -> bool:
    """Does a claim or a subscription refer to it?"""
    claimed = Association.objects.filter(product=product)
    return claimed.exists() or product.subscriptions.exists()


@admin.register(TimeLimit)
class TimeLimitAdmin(StaffAdmin):
    """A change applies only to windows that open later: every deadline is stored [R4]."""

    is_short_list = True
    list_display = ("window", "program", "days", "day_kind")
    list_filter = ("window", "program")
    list_select_related = ("program",)

    def get_readonly_fields(self, request, obj=None):
        return ("window", "program") if obj else ()

    def has_delete_permission(self, request, obj=None):
        """Allow deleting a program's own limit, after which the default applies again; defaults stay."""
        if obj is None or obj.program_id is None:
            return False
        return super().has_delete_permission(request, obj)
