"""Reading a body that is sound, in a fraction of the time: what is not is left to its schema, which says what is wrong.

The fields themselves look at their values, as they do for marshmallow; what is left out is how it goes from one to the
next, and gathers what is wrong. A schema that does more than look at its fields is asked itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from shared.wire.strict import Counted

Load = Callable[[Any], Any]


def load(schema: Schema, body: Any, otherwise: Load | None = None) -> dict[str, Any]:
    """Return what ``schema.load`` returns, with names in the schema's order; raises ValidationError as it does.

    ``otherwise`` reads what is not sound, where the schema's own ``load`` is this one.
    """
    try:
        found: dict[str, Any] = _object(schema)(body)
    except (ValidationError, TypeError):
        found = (otherwise or schema.load)(body)
    return found


@cache
def _object(schema: Schema) -> Load:
    """Return what reads the objects of a schema; it raises ValidationError for what is unsound, without saying why."""
    makes = [name for name, of_many, how in schema._hooks["post_load"] if not of_many and not how.get("pass_original")]
    others = sum(map(len, schema._hooks.values())) - len(makes)
    plain = schema.unknown == RAISE and not others and not schema.many and not schema.partial
    if not plain or any(field.data_key or field.attribute for field in schema.load_fields.values()):
        return schema.load
    plan = [(name, field.load_default, field.required, _value(field)) for name, field in schema.load_fields.items()]
    names = frozenset(schema.load_fields)
    made_by = [getattr(schema, name) for name in makes]

    def _load(body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or not names.issuperset(body):
            raise ValidationError("")
        found = {}
        for name, default, is_required, read in plan:
            if name in body:
                found[name] = read(body[name])
            elif is_required:
                raise ValidationError("")
            elif default is not missing:
                found[name] = default() if callable(default) else default
        for make in made_by:
            found = make(found, many=False, partial=False)
        return found

    return _load


def _value(field: fields.Field[Any]) -> Load:
    """Return what reads the values of a field."""
    if type(field) is fields.Nested and not field.many and not field.only and not field.exclude:
        return _looked_at(field, _object(field.schema))
    if type(field) is fields.List:
        return _looked_at(field, _each(_value(field.inner)))
    if type(field) is Counted:
        return _counted(field, _each(_value(field.inner)))
    return field.deserialize if field.pre_load or field.post_load else _leaf(field)


def _leaf(field: fields.Field[Any]) -> Load:
    """Return what reads a value that holds no others."""
    look, validators, allows_none = field._deserialize, field.validators, field.allow_none

    def _read(value: Any) -> Any:
        if value is None:
            if allows_none:
                return None
            raise ValidationError("")
        found = look(value, None, None)
        for validate in validators:
            validate(found)
        return found

    return _read


def _counted(field: fields.Field[Any], read: Load) -> Load:
    def _read(value: Any) -> Any:
        field._validate(value)
        return read(value)

    return _read


def _looked_at(field: fields.Field[Any], read: Load) -> Load:
    """Return what reads a value, and then looks at the whole of it as the field demands."""

    def _read(value: Any) -> Any:
        if value is None:
            return field.deserialize(None)
        found = read(value)
        field._validate(found)
        return found

    return _read if field.validators else lambda value: read(value) if value is not None else field.deserialize(None)


def _each(read: Load) -> Load:
    def _read(values: Any) -> list[Any]:
        if not isinstance(values, list):
            raise ValidationError("")
        return [read(value) for value in values]

    return _read
