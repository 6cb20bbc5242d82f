"""The search of admin's lists: first related rows by their keys, then the list by its own columns.

Django joins the tables and compares them row by row. Here each table is queried separately, so that its
trigram index is used, and the list is filtered by keys, which its own indexes cover.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import ForeignKey, Model, Q, QuerySet, UUIDField
from django.utils.text import smart_split, unescape_string_literal

#: At most this many related rows are listed by key; a word that finds more is compared row by row, and
#: then a few rows fill a page.
KEYS_MAX = 1000
#: Each word costs one query per related table.
WORDS_MAX = 3
#: A shorter word is only looked for at the beginning: three letters make a trigram.
SHORTEST_PART = 3
#: Prefix of a column in ``search_fields``: only the whole value matches.
EXACT = "="


def find_matching(rows: QuerySet[Any], term: str, columns: Sequence[str]) -> QuerySet[Any]:
    """Return those ``rows`` that have each word of ``term`` in one of the ``columns``."""
    for word in split_words(term):
        rows = rows.filter(holds(rows.model, word, columns))
    return rows


def split_words(term: str) -> list[str]:
    """Return the words of a search, at most WORDS_MAX; quotation marks keep words together."""
    words = [_unquote(each) for each in smart_split(term)]
    head, rest = words[: WORDS_MAX - 1], words[WORDS_MAX - 1 :]
    return [*head, " ".join(rest)] if rest else head


def holds(model: type[Model], word: str, columns: Iterable[str]) -> Q:
    """Return a filter on ``model``: one of the ``columns`` contains ``word``. One query per related table."""
    found = Q(pk__in=[])
    related = defaultdict(list)
    for column in columns:
        relation, _dunder, rest = column.partition("__")
        if rest:
            related[relation].append(rest)
        else:
            found |= _compare(model, word, column)
    for relation, theirs in related.items():
        found |= _lead_to(model, relation, word, theirs)
    return found


def how_to_compare(word: str) -> str:
    """Return the lookup for ``word``: anywhere in the text or, if it is short, at the beginning."""
    return "icontains" if len(word) >= SHORTEST_PART else "istartswith"


def _compare(model: type[Model], word: str, column: str) -> Q:
    if column.startswith(EXACT):
        return Q(**{column.removeprefix(EXACT): word})
    if isinstance(model._meta.get_field(column), UUIDField):
        try:
            return Q(**{column: uuid.UUID(word)})
        except ValueError:
            pass  # a part of one
    return Q(**{f"{column}__{how_to_compare(word)}": word})


def _lead_to(model: type[Model], relation: str, word: str, columns: list[str]) -> Q:
    """Return a filter on ``model``: the rows behind ``relation`` contain ``word`` in one of ``columns``."""
    field: Any = model._meta.get_field(relation)
    matching = field.related_model.objects.filter(holds(field.related_model, word, columns))
    if isinstance(field, ForeignKey):
        own, keys = f"{relation}__in", matching.values_list("pk", flat=True)
    else:
        own, keys = "pk__in", matching.values_list(field.field.attname, flat=True)
    named = list(keys.order_by()[: KEYS_MAX + 1])
    if len(named) <= KEYS_MAX:
        return Q(**{own: named})
    if isinstance(field, ForeignKey):
        compared = Q()
        for column in columns:
            compared |= Q(**{f"{relation}__{column}__{how_to_compare(word)}": word})
        return compared
    return Q(**{own: keys.order_by()})


def _unquote(word: str) -> str:
    if len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]:
        return unescape_string_literal(word)
    return word
