"""A file of proof, for anyone who may see the claim; never by its address in storage [R11], [R37]."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from partners.audit.access_record import record_look
from partners.enums import AccessKind

from ...claims.visible import documents_for_review, documents_visible_to
from ...models import Document
from ...proof.filetypes import CONTENT_TYPES, SHOWN_INLINE

#: All that a file may do when a browser shows it is be displayed, within one of our pages. Styles and
#: objects are those of the browser's own viewers.
PAINT_ONLY = (
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; "
    "frame-ancestors 'self'"
)
DOWNLOAD_ONLY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def find_document(request: HttpRequest, key) -> tuple[Document, AccessKind]:
    """Return the file, and whether the person opens it as a member of the partner or to review it.

    Raise Http404 if they may not see it.
    """
    whose = ("claim__partner", "claim__location")
    mine = documents_visible_to(request.user).select_related(*whose).filter(key=key).first()
    if mine is not None:
        return mine, AccessKind.PROOF_OPENED
    to_review = documents_for_review(request.user).select_related(*whose)
    return get_object_or_404(to_review, key=key), AccessKind.PROOF_REVIEWED


@login_required
@require_safe
def document(request: HttpRequest, key) -> FileResponse:
    """Stream a file: as a download, or with ``?inline=1`` shown where its type allows; recorded [R40]."""
    found, kind = find_document(request, key)
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    if request.method == "GET":
        _record(found, user=request.user, kind=kind)
    is_inline = request.GET.get("inline") == "1" and found.extension in SHOWN_INLINE
    response = FileResponse(
        content,
        as_attachment=not is_inline,
        filename=found.name,
        content_type=CONTENT_TYPES.get(found.extension, "application/octet-stream"),
    )
    restrict_file(response, is_inline=is_inline)
    return response


def _record(document: Document, *, user, kind: AccessKind) -> None:
    version = f" ({document.version})" if document.version > 1 else ""
    record_look(
        kind,
        user=user,
        partner=document.claim.partner,
        location=document.claim.location,
        subject=f"{document.claim.reference} · {document.name}{version}",
    )


def restrict_file(response: FileResponse, *, is_inline: bool = False) -> None:
    """Keep a file out of every cache, and let it do nothing but be displayed."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["X-Frame-Options"] = "SAMEORIGIN" if is_inline else "DENY"
    response["Content-Security-Policy"] = PAINT_ONLY if is_inline else DOWNLOAD_ONLY
