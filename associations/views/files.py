"""A file of proof, for whoever may see the claim; never by its address in store [R11], [R37]."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_safe

from ..filetypes import CONTENT_TYPES, SHOWN_INLINE
from ..queries import documents_visible_to

#: What a file may do when a browser shows it: nothing but be painted, in a page of ours. The styles
#: and objects are those of the browser's own viewers.
PAINT_ONLY = (
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; "
    "frame-ancestors 'self'"
)
DOWNLOAD_ONLY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@login_required
@require_safe
def document(request: HttpRequest, key) -> FileResponse:
    """Stream a file: as a download, or with ``?inline=1`` shown where its type allows."""
    found = documents_visible_to(request.user).filter(key=key).first()
    if found is None:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    is_inline = request.GET.get("inline") == "1" and found.extension in SHOWN_INLINE
    response = FileResponse(
        content,
        as_attachment=not is_inline,
        filename=found.name,
        content_type=CONTENT_TYPES.get(found.extension, "application/octet-stream"),
    )
    _restrict(response, is_inline=is_inline)
    return response


def _restrict(response: FileResponse, *, is_inline: bool) -> None:
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["X-Frame-Options"] = "SAMEORIGIN" if is_inline else "DENY"
    response["Content-Security-Policy"] = PAINT_ONLY if is_inline else DOWNLOAD_ONLY


urlpatterns = [path("files/<uuid:key>/", document, name="document")]
