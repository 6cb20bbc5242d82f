"""Columns for what identifies a person or a thing: what is stored was read by its own reader.

A value is read when a form cleans it, when a row is saved, and when rows are looked up by it, so
``filter(domain="xn--mnchen-3ya.example")`` finds the row of ``münchen.example``. Searches by part of
a value (``startswith``, ``icontains``) read their term themselves: ``addresses.read_search``.
"""

from typing import Any

from django.db import models

from . import form_fields
from .addresses import fold_address, read_address, read_domain, validate_address, validate_domain
from .identifiers import read_identifier, read_words, validate_person_name


class ReadField(models.Field):
    """A column whose text is read by ``read``; in migrations it is Django's plain field."""

    form_class: Any = None

    @staticmethod
    def read(typed: str) -> str:
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.read(value) if isinstance(value, str) else value)

    def pre_save(self, model_instance, add):
        """Set the instance's value to what is stored."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": self.form_class, **kwargs})  # type: ignore[arg-type]

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        plain = next(each for each in type(self).__mro__ if each.__module__.startswith("django."))
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class NameField(ReadField, models.CharField):
    """A name or title of anything except a person."""

    form_class = form_fields.NameField
    read = staticmethod(read_words)


class PersonNameField(NameField):
    form_class = form_fields.PersonNameField
    default_validators = [validate_person_name]


class IdentifierField(ReadField, models.CharField):
    """An ID in ASCII, such as a Partner ID."""

    form_class = form_fields.IdentifierField
    read = staticmethod(read_identifier)


class IdField(ReadField, models.UUIDField):
    """A UUID, such as a Tenant ID."""

    form_class = form_fields.IdField
    read = staticmethod(read_identifier)


class DomainField(ReadField, models.CharField):
    """A domain as people write it (IDNA 2008)."""

    form_class = form_fields.DomainField
    read = staticmethod(read_domain)
    default_validators = [validate_domain]


class AddressField(ReadField, models.EmailField):
    """An email address, its domain as people write it."""

    form_class = form_fields.AddressField
    read = staticmethod(read_address)
    default_validators = [validate_address]


class AccountAddressField(AddressField):
    """The address that an account is found by: in lower case."""

    read = staticmethod(fold_address)
