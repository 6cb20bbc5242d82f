"""Addresses of claims, associations, files and customers' links, and of a partner's work with them.

A page of a partner has the partner's key in its address. A claim, a file or usage data names its own
partner. Customers' links outlive releases.
"""

from django.urls import path

from cpor_site.web.link_tokens import link_paths
from partners.views.old_addresses import lead_to_partner

from .views import claim, customer, mediation, questions, review, usage, usage_overview
from .views.filing import actions, again, bulk, customer_request, drafts, many_drafts
from .views.lists import claims, dashboard, exports, search
from .views.proof import files

app_name = "associations"
urlpatterns = [
    path("p/<slug:partner_key>/", dashboard.dashboard, name="dashboard"),
    path("p/<slug:partner_key>/claims/", claims.claim_list, name="claims"),
    path("p/<slug:partner_key>/claims/export.csv", claims.export, name="claims-export"),
    path("p/<slug:partner_key>/claims/import/", bulk.upload, name="claims-import"),
    path(
        "p/<slug:partner_key>/claims/import/template.<slug:form>",
        bulk.template,
        name="claims-import-template",
    ),
    path("p/<slug:partner_key>/claims/imports/<uuid:key>/", bulk.report, name="claims-imported"),
    path(
        "p/<slug:partner_key>/claims/imports/<uuid:key>/bad-rows.<slug:form>",
        bulk.bad_rows,
        name="claims-imported-bad-rows",
    ),
    path(
        "p/<slug:partner_key>/claims/imports/<uuid:key>/import/",
        bulk.confirm,
        name="claims-imported-confirm",
    ),
    path(
        "p/<slug:partner_key>/claims/imports/<uuid:key>/discard/",
        bulk.discard,
        name="claims-imported-discard",
    ),
    path("p/<slug:partner_key>/claims/drafts/", many_drafts.draft_list, name="drafts"),
    path("p/<slug:partner_key>/claims/drafts/submit/", many_drafts.submit, name="drafts-submit"),
    path("p/<slug:partner_key>/claims/drafts/discard/", many_drafts.discard, name="drafts-discard"),
    path("p/<slug:partner_key>/claims/exports/", exports.request_xlsx, name="claims-xlsx-new"),
    path("p/<slug:partner_key>/claims/exports/<uuid:key>/", exports.xlsx_page, name="claims-xlsx"),
    path(
        "p/<slug:partner_key>/claims/exports/<uuid:key>/claims.xlsx",
        exports.xlsx_file,
        name="claims-xlsx-file",
    ),
    path("p/<slug:partner_key>/claims/new/", drafts.new_claim, name="claim-new"),
    path("p/<slug:partner_key>/claims/new/<uuid:key>/", drafts.keyed_claim, name="claim-new-keyed"),
    path("p/<slug:partner_key>/search/", search.search, name="search"),
    path("search/", search.search_all, name="search-all"),
    path("p/<slug:partner_key>/usage/", usage_overview.usage_overview, name="usage-overview"),
    path(
        "p/<slug:partner_key>/usage.csv",
        usage_overview.overview_export,
        name="usage-overview-export",
    ),
    # From before addresses named the partner; "new" is no claim's reference.
    path("claims/", lead_to_partner, {"to": "associations:claims"}),
    path("claims/export.csv", lead_to_partner, {"to": "associations:claims-export"}),
    path("claims/new/", lead_to_partner, {"to": "associations:claim-new"}),
    path("claims/new/<uuid:key>/", lead_to_partner, {"to": "associations:claim-new-keyed"}),
    path("claims/<slug:reference>/", claim.claim_page, name="claim"),
    path("claims/<slug:reference>/edit/<slug:page>/", drafts.claim_page, name="claim-page"),
    path(
        "claims/<slug:reference>/customer-request/", customer_request.ask, name="customer-request"
    ),
    path("claims/<slug:reference>/comment/", actions.comment, name="claim-comment"),
    path("claims/<slug:reference>/answer/", actions.answer, name="claim-answer"),
    path("claims/<slug:reference>/withdraw/", actions.withdraw, name="claim-withdraw"),
    path("claims/<slug:reference>/discard/", actions.discard, name="claim-discard"),
    path("claims/<slug:reference>/contact/<slug:role>/", actions.contact, name="claim-contact"),
    path("claims/<slug:reference>/again/", again.claim_again, name="claim-again"),
    path(
        "claims/<slug:reference>/for-another-customer/",
        again.claim_for_another,
        name="claim-for-another",
    ),
    path("claims/<slug:reference>/dispute/", review.dispute, name="claim-dispute"),
    path(
        "claims/<slug:reference>/mediation/<slug:product>/",
        mediation.mediation,
        name="claim-mediation",
    ),
    path("files/<uuid:key>/", files.document, name="document"),
    path("associations/<slug:reference>/usage/", usage.usage_page, name="usage"),
    path("associations/<slug:reference>/usage.csv", usage.usage_export, name="usage-export"),
    *link_paths("which-partner/<link_token:token>", questions.question_page, name="case-question"),
    *link_paths("opt-out/<link_token:token>/end", customer.end_page, name="opt-out-end"),
    *link_paths("opt-out/<link_token:token>", customer.opt_out_page, name="opt-out"),
]
