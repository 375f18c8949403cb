"""The wire takes one spelling of everything, converts nothing, and names all faults at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from marshmallow import Schema, ValidationError, fields, validates_schema

from shared.ops import MAX_BODY_BYTES, MAX_OPS, MAX_STROKES_BYTES, Op
from shared.wire import quick
from shared.wire.push import PushSchema
from shared.wire.register import BindSchema, CorrectionSchema, InstrumentSchema
from shared.wire.strict import Day, OpenSchema, Text, at_least
from shared.wire.visit import VisitSchema
from tests.builders import an_id, an_op, an_op_chain
from tests.rules import bodies
from tests.rules.bodies import Path, inside, leaves, objects, with_value, without
from tests.strategies import json_values

SOUND: dict[type[Schema], dict[str, Any]] = {
    VisitSchema: bodies.VISIT,
    InstrumentSchema: bodies.INSTRUMENT,
    BindSchema: bodies.BIND,
    CorrectionSchema: bodies.CORRECTION,
    PushSchema: bodies.PUSH,
}
MADE: dict[type[Schema], Schema] = {}
LEAVES = [(schema, at, value) for schema, body in SOUND.items() for at, value in leaves(body)]
OBJECTS = [(schema, at) for schema, body in SOUND.items() for at in objects(body)]


def told(schema: type[Schema], body: Any) -> dict[str, Any]:
    """Return what is wrong with a body, as marshmallow nests it; the quick way says the same, and finds the same."""
    made = MADE.setdefault(schema, schema())
    found = outcome(made.load, body)
    assert outcome(lambda one: quick.load(made, one), body) == found
    return found[1]


def outcome(load: Callable[[Any], Any], body: Any) -> tuple[Any, dict[str, Any]]:
    """Return what was read, and what is wrong."""
    try:
        return load(body), {}
    except ValidationError as error:
        messages: dict[str, Any] = error.messages_dict
        return None, messages


class Even(Schema):
    """Does more than look at its fields."""

    count = fields.Integer(data_key="Count", load_default=2)

    @validates_schema
    def _even(self, data: dict[str, Any], **_: Any) -> None:
        if data["count"] % 2:
            raise ValidationError("odd")


class Holder(Schema):
    even = fields.Nested(Even(), required=True)
    some = fields.List(fields.Nested(Even(), allow_none=True), load_default=list, validate=at_least(0, 1))


@pytest.mark.parametrize("even", [{}, {"Count": 4}, {"Count": 3}, {"count": 4}, {"Count": "4"}, None, []])
@pytest.mark.parametrize("some", [[], [None], [{"Count": 5}], [{}, {}], None, {}])
def test_the_quick_way_asks_a_schema_that_does_more_than_look_at_its_fields(even: Any, some: Any) -> None:
    told(Holder, {"even": even, "some": some})
    told(Holder, {"even": even})
    told(Holder, {"some": some})


def test_a_quick_way_that_lets_more_pass_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "_looked_at", lambda field, read: read)
    monkeypatch.setattr(quick, "_object", quick._object.__wrapped__)
    with pytest.raises(AssertionError):
        told(Holder, {"even": {}, "some": [{}, {}]})


def name_of(schema: type[Schema], at: Path) -> str:
    return "/".join([schema.__name__, *map(str, at)])


each_leaf = pytest.mark.parametrize(
    ("schema", "at", "value"), LEAVES, ids=[name_of(schema, at) for schema, at, _ in LEAVES]
)
each_object = pytest.mark.parametrize(("schema", "at"), OBJECTS, ids=[name_of(schema, at) for schema, at in OBJECTS])


@pytest.mark.parametrize("schema", SOUND, ids=lambda schema: schema.__name__)
def test_a_sound_body_is_taken(schema: type[Schema]) -> None:
    assert told(schema, SOUND[schema]) == {}


def strangers(at: Path, value: Any) -> list[Any]:
    """Return values that another reader might take for the one wanted."""
    if isinstance(value, bool):
        return [0, 1, "true", "", [], {}]
    if isinstance(value, int):
        return [True, False, float(value), value + 0.5, str(value), 1 << 70, -(1 << 70), [value], {}]
    if isinstance(value, list):
        return ["", {}, [[]], [[1]], [[1, 2, 3]], [[1, True]], [[1, 2.0]], [["1", "2"]], [[-1, 0]], [[0, 10_000]], 7]
    hostile = [0, 1.5, True, ["x"], {"x": "x"}, f"{value[:-1]}\ud800", "x" * 70_000]
    return hostile if at[-1] == "body" else [*hostile, f"{value[:-1]}\0"]


@each_leaf
def test_a_value_of_another_type_is_refused_where_it_stands(schema: type[Schema], at: Path, value: Any) -> None:
    for stranger in strangers(at, value):
        assert inside(told(schema, with_value(SOUND[schema], at, stranger)), at), stranger


@each_leaf
def test_null_is_taken_only_where_something_may_be_unknown(schema: type[Schema], at: Path, value: Any) -> None:
    messages = told(schema, with_value(SOUND[schema], at, None))
    may_be_null = at[-1] in bodies.NULLABLE and schema is VisitSchema
    assert (messages == {}) == may_be_null, messages


@each_leaf
def test_a_missing_field_is_named(schema: type[Schema], at: Path, value: Any) -> None:
    if isinstance(at[-1], int):
        return
    is_optional = schema is InstrumentSchema and at[-1] not in ("id", "kind", "serial")
    messages = told(schema, without(SOUND[schema], at))
    assert (messages == {}) if is_optional else inside(messages, at)


@each_object
def test_an_unknown_field_is_refused_where_it_stands(schema: type[Schema], at: Path) -> None:
    for name in ("extra", "", "\0", "\ud800", "ID"):
        assert inside(told(schema, with_value(SOUND[schema], (*at, name), 1)), (*at, name))


@each_object
def test_an_object_is_never_anything_else(schema: type[Schema], at: Path) -> None:
    for stranger in ([], "", 7, True, [["id", 1]]):
        body = stranger if at == () else with_value(SOUND[schema], at, stranger)
        assert told(schema, body), stranger


@pytest.mark.parametrize("schema", SOUND, ids=lambda schema: schema.__name__)
def test_all_faults_are_told_at_once(schema: type[Schema]) -> None:
    body = SOUND[schema]
    for at, _ in leaves(SOUND[schema]):
        body = with_value(body, at, {"wrong": 1})
    messages = told(schema, body)
    assert all(inside(messages, at) for at, _ in leaves(SOUND[schema]))


@given(json_values)
def test_no_json_does_anything_but_be_refused(body: Any) -> None:
    for schema in SOUND:
        assert told(schema, body)


@pytest.mark.parametrize("schema", SOUND, ids=lambda schema: schema.__name__)
def test_lists_have_their_bounds(schema: type[Schema]) -> None:
    bounds = {"ops": (1, 100), "depends_on": (0, 100), "inspections": (1, 200), "checks": (0, 100)}
    bounds |= {"participants": (1, 20), "standards": (0, 50), "readings": (1, 100)}
    found = {at[:-1] for at, _ in leaves(SOUND[schema]) if isinstance(at[-1], int)}
    found |= {at[:-1] for at in objects(SOUND[schema]) if at and isinstance(at[-1], int)}
    for at in found:
        least, most = bounds[str(at[-1])]
        one = inside(SOUND[schema], at)[0]
        for count, is_taken in [(least - 1, False), (least, True), (most, True), (most + 1, False)]:
            if count >= 0:
                assert (told(schema, with_value(SOUND[schema], at, [one] * count)) == {}) == is_taken, (at, count)


BOUNDS = {
    "device_seq": (1, (1 << 63) - 1),
    "load_mg": (0, 10**12),
    "shown_mg": (-(10**12), 10**12),
    "max_mg": (1, 10**12),
    "min_mg": (0, 10**12),
    "e_mg": (1, 10**12),
    "d_mg": (1, 10**12),
    "serial": (0, (1 << 40) - 1),
    "clock_offset_s": (-(10**10), 10**10),
    "clock_doubt_s": (0, 10**10),
}
NUMBERS = [(schema, at) for schema, at, value in LEAVES if type(value) is int]


@pytest.mark.parametrize(("schema", "at"), NUMBERS, ids=[name_of(schema, at) for schema, at in NUMBERS])
def test_every_number_has_its_bounds(schema: type[Schema], at: Path) -> None:
    least, most = BOUNDS[str(at[-1])]
    for number, is_taken in [(least - 1, False), (least, True), (most, True), (most + 1, False)]:
        assert (told(schema, with_value(SOUND[schema], at, number)) == {}) == is_taken, number


def test_a_pushed_op_is_loaded_as_it_was_signed() -> None:
    chain = an_op_chain(3)
    loaded: list[Op] = PushSchema().load({"ops": [op.to_wire() for op in chain]})["ops"]
    assert loaded == chain


def push_of(**fields: Any) -> dict[str, Any]:
    return {"ops": [an_op(**fields).to_wire()]}


def test_a_body_is_bounded_in_bytes_of_utf8() -> None:
    assert told(PushSchema, push_of(body="x" * MAX_BODY_BYTES)) == {}
    assert told(PushSchema, push_of(body="x" * (MAX_BODY_BYTES + 1)))
    assert told(PushSchema, push_of(body="秤" * (MAX_BODY_BYTES // 3))) == {}
    assert told(PushSchema, push_of(body="秤" * (MAX_BODY_BYTES // 3 + 1)))


def test_a_hundred_ops_may_be_pushed_at_once_and_no_more() -> None:
    wire = [op.to_wire() for op in an_op_chain(MAX_OPS + 1)]
    assert told(PushSchema, {"ops": wire[:MAX_OPS]}) == {}
    assert told(PushSchema, {"ops": wire})


@pytest.mark.parametrize(
    "kind", ["", "visit.record", "visit.record/", "visit.record/0", "Visit.record/1", "a\nb/1", "a/1 "]
)
def test_a_kind_is_a_name_and_a_version_on_one_line(kind: str) -> None:
    assert told(PushSchema, push_of(kind=kind))
    assert told(PushSchema, push_of(kind="weather.report/17")) == {}


@pytest.mark.parametrize("field", ["op_id", "device_id", "person_id"])
def test_an_id_has_one_spelling(field: str) -> None:
    for text in (an_id(1).upper(), f"{{{an_id(1)}}}", an_id(1) + "\n", an_id(1).replace("-", "")):
        assert told(PushSchema, push_of(**{field: text}))
    assert (told(PushSchema, push_of(**{field: an_id(1).replace("-7", "-4")})) == {}) == (field != "op_id")


def test_a_drawn_signature_is_bounded() -> None:
    point = "9999,9999,"
    room = (MAX_STROKES_BYTES - len("[[]]") + 1) // len(point)
    at: Path = ("inspections", 0, "signature", "strokes")
    assert told(VisitSchema, with_value(bodies.VISIT, at, [[9999, 9999] * room])) == {}
    assert told(VisitSchema, with_value(bodies.VISIT, at, [[9999, 9999] * (room + 1)]))
    assert told(VisitSchema, with_value(bodies.VISIT, at, [])) == {}


def test_the_last_day_of_a_certificate_is_a_day() -> None:
    at: Path = ("standards", 0, "valid_until")
    for text in ("2027-02-29", "20270331", "2027-3-31", "soon", ""):
        assert told(VisitSchema, with_value(bodies.VISIT, at, text)), text


def test_a_day_has_one_spelling() -> None:
    for text in ("2026-13-01", "20261121", "2026-W47-6", "2026-11-21T00:00:00", "２026-11-21", "", 20261121, None):
        with pytest.raises(ValidationError):
            Day().deserialize(text)
    assert Day().deserialize("2026-11-21") == "2026-11-21"


def test_an_answer_of_a_newer_server_may_carry_more() -> None:
    class Answer(OpenSchema):
        word = Text(required=True, longest=4)

    assert Answer().load({"word": "ok", "new": 1}) == {"word": "ok"}
