"""How crispy-forms renders our forms: each field by crispy's one template, in groups that a layout names."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout


def make_helper(*layout) -> FormHelper:
    """Return what ``{% crispy form %}`` reads: only the fields, since a page has its own form element.

    Without a layout, all fields follow in their order. Hidden fields need no place in a layout.
    """
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.render_hidden_fields = True
    helper.layout = Layout(*layout) if layout else None
    return helper


def make_filter_helper(**wrappers: str) -> FormHelper:
    """Return the helper of filters: field → CSS class around it. An invalid filter is ignored, no error."""
    helper = make_helper(*(Field(name, wrapper_class=each) for name, each in wrappers.items()))
    helper.render_hidden_fields = False
    helper.form_show_errors = False
    return helper


def include(template: str) -> HTML:
    """Return a part of a layout that is no field: a template, which can read all that the page's own can."""
    return HTML(f'{{% include "{template}" %}}')
