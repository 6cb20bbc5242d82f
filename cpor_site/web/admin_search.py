"""The search of admin's lists: related rows by their keys first, then the list by its own columns.

Django joins the tables and compares them row by row. Here each table is asked by itself, so that its
trigram index answers, and the list gets keys, which its own indexes hold.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import ForeignKey, Model, Q, QuerySet, UUIDField
from django.utils.text import smart_split, unescape_string_literal

#: So many related rows are named by their keys; a word that finds more is compared row by row, and
#: then a page is full after a few rows.
KEYS_MAX = 1000
#: Each word costs a query for each related table.
WORDS_MAX = 3
#: A shorter word is looked for at the beginning only: three letters make a trigram.
SHORTEST_PART = 3
#: In front of a column of ``search_fields``: only the whole value counts.
EXACT = "="


def find_matching(rows: QuerySet[Any], term: str, columns: Sequence[str]) -> QuerySet[Any]:
    """Narrow ``rows`` to those that have each word of ``term`` in one of the ``columns``."""
    for word in split_words(term):
        rows = rows.filter(holds(rows.model, word, columns))
    return rows


def split_words(term: str) -> list[str]:
    """Return the words of a search, at most WORDS_MAX; quotation marks keep several together."""
    words = [_unquote(each) for each in smart_split(term)]
    head, rest = words[: WORDS_MAX - 1], words[WORDS_MAX - 1 :]
    return [*head, " ".join(rest)] if rest else head


def holds(model: type[Model], word: str, columns: Iterable[str]) -> Q:
    """Return a filter on ``model``: one of the ``columns`` has ``word``. One query a related table."""
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
    """Return the lookup for ``word``: anywhere in the text, or where it is short, at its beginning."""
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
    """Return a filter on ``model``: what ``relation`` leads to has ``word`` in one of ``columns``."""
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
