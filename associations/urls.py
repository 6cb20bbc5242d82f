"""Addresses of claims, associations and customers' links; each room of views names its own."""

from .views import actions, claims, customer, customer_request, dispute, files, filing, usage

app_name = "associations"
urlpatterns = [
    *filing.urlpatterns,
    *customer_request.urlpatterns,
    *claims.urlpatterns,
    *actions.urlpatterns,
    *dispute.urlpatterns,
    *files.urlpatterns,
    *usage.urlpatterns,
    *customer.urlpatterns,
]
