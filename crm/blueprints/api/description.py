"""The description of the API as the key's person has it: OpenAPI 3.1, made of the fields as they are now."""

from typing import Any

from flask import url_for

from crm.domain.registry import RECORD_TYPES
from crm.domain.timeline.fields import EDITED
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.operators import OPERATORS
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.web.i18n import gettext
from crm.web.likeness import ANYWAY

_STRING = {"type": "string"}
_KINDS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.NUMBER: {"type": "string", "format": "decimal"},
    FieldKind.MONEY: {"type": "string", "format": "decimal"},
    FieldKind.MULTI_CHOICE: {"type": "array", "items": _STRING},
    FieldKind.TAGS: {"type": "array", "items": _STRING},
    FieldKind.YES_NO: {"type": "boolean"},
    FieldKind.DATE: {"type": "string", "format": "date"},
    FieldKind.DATETIME: {"type": "string", "format": "date-time"},
    FieldKind.TIME: {"type": "string", "format": "time"},
    FieldKind.EMAIL: {"type": "string", "format": "email"},
}
_SOURCED = {
    "type": "object",
    "properties": {"id": {"type": ["integer", "string"]}, "label": _STRING},
    "required": ["id"],
}
_PROBLEM = {
    "description": "What is wrong (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_WRONG = {status: _PROBLEM for status in ("401", "403", "404", "409", "412", "422", "429")}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_SIMILAR = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, **{key: _STRING for key in ("name", "number", "why", "url")}},
}
_CALLED = {
    "type": "array",
    "description": "What other systems call it, as imports have said. Told of one record, not in lists.",
    "items": {"type": "object", "properties": {"system": _STRING, "id": _STRING}, "required": ["system", "id"]},
    "readOnly": True,
}
_ANYWAY = {
    "name": ANYWAY,
    "in": "query",
    "description": "1 saves what seems to be there already; without it that is told (409, “similar”, “elsewhere”).",
    "schema": {"enum": ["1"]},
}
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent twice with the same key, a request happens once and is answered alike.",
    "schema": {"type": "string", "maxLength": 64},
}


def described(actor: Actor) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {
        "Problem": {
            "type": "object",
            "properties": {
                "title": _STRING,
                "status": {"type": "integer"},
                "detail": _STRING,
                "fields": {"type": "object", "additionalProperties": _STRING},
                "similar": {"type": "array", "items": _SIMILAR},
                "elsewhere": {"type": "array", "items": _STRING},
            },
        },
        "FollowUp": _object(EDITED, required=[each.key for each in EDITED if each.required]),
    }
    for key, type_ in RECORD_TYPES.items():
        if actor.may(type_.may_read) and key in actor.modules:
            opened = type_.open_to(actor)
            schemas |= _schemas(actor, opened)
            paths |= _paths(actor, opened)
    return {
        "openapi": "3.1.0",
        "info": {"title": "CRM", "version": "1"},
        "servers": [{"url": url_for("api.index")}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _schemas(actor: Actor, type_: RecordType) -> dict[str, Any]:
    always = {
        "id": {"type": "integer", "readOnly": True},
        "version": {"type": "integer", "readOnly": True},
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
    }
    whole = _object(type_.fields, actor)
    whole["properties"] = always | whole["properties"] | {"external_ids": _CALLED}
    writable = type_.writable(actor)
    required = [each.key for each in writable if each.required and each.default is None]
    return {
        type_.key: whole,
        f"{type_.key}_new": _object(writable, required=required),
        f"{type_.key}_change": _object(writable),
    }


def _object(fields: Any, actor: Actor | None = None, required: list[str] | None = None) -> dict[str, Any]:
    properties = {each.key: _property(each, actor) for each in fields}
    made = {"type": "object", "properties": properties}
    return made | ({"required": required} if required else {})


def _property(field: Field, actor: Actor | None) -> dict[str, Any]:
    shape = dict(_SOURCED if field.kind in SOURCED else _STRING if field.masked else _KINDS.get(field.kind, _STRING))
    if field.kind is FieldKind.CHOICE and not field.masked:
        shape["enum"] = [*(each.key for each in field.choices), *(() if field.required else (None,))]
    if not field.required and "type" in shape and isinstance(shape["type"], str):
        shape["type"] = [shape["type"], "null"]
    shape["title"] = gettext(field.label)
    if actor is not None and not field.writable_by(actor):
        shape["readOnly"] = True
    return shape


def _paths(actor: Actor, type_: RecordType) -> dict[str, Any]:
    key, name = type_.key, gettext(type_.label_plural)
    one = {"description": gettext(type_.label), "content": _json(f"#/components/schemas/{key}")}
    many = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{key}"}},
            "after": {"type": ["string", "null"]},
            "before": {"type": ["string", "null"]},
            "count": {"type": "object"},
        },
    }
    listed = {"description": name, "content": {"application/json": {"schema": many}}}
    at_all: dict[str, Any] = {"get": _operation(name, {"200": listed}, _arguments(type_))}
    at_one: dict[str, Any] = {"get": _operation(name, {"200": one}, [_ID])}
    writes = not actor.read_only
    if writes and actor.may(type_.may_create):
        asked = [_ONCE, _ANYWAY] if type_.likeness is not None else [_ONCE]
        at_all["post"] = _operation(name, {"201": one}, asked, f"{key}_new")
    if writes and actor.may(type_.may_edit):
        match = {"name": "If-Match", "in": "header", "description": "The version that was read.", "schema": _STRING}
        at_one["patch"] = _operation(name, {"200": one}, [_ID, _ONCE, match], f"{key}_change")
    found = {f"/{key}": at_all, f"/{key}/{{id}}": at_one}
    if writes and actor.may(type_.may_delete):
        at_one["delete"] = _operation(name, {"204": {"description": "It is in the recycle bin."}}, [_ID, _ONCE])
        found[f"/{key}/{{id}}/restoration"] = {"post": _operation(name, {"200": one}, [_ID, _ONCE])}
    if writes and actor.may(Permission.FOLLOW_UPS_WRITE):
        said = {"201": {"description": "Its id"}}
        found[f"/{key}/{{id}}/follow-ups"] = {"post": _operation(name, said, [_ID, _ONCE], "FollowUp")}
    return found


def _arguments(type_: RecordType) -> list[dict[str, Any]]:
    """`level__is=a`, `name__contains=…`: what the list itself can be asked."""
    asked = [
        {"name": f"{each.key}__{operator}", "in": "query", "schema": _STRING}
        for each in type_.list.fields
        if each.filterable
        for operator in OPERATORS[each.kind]
    ]
    plain = [{"name": name, "in": "query", "schema": _STRING} for name in ("q", "after", "before")]
    sorts = [f"{sign}{each.key}" for each in type_.list.fields if each.sortable for sign in ("", "-")]
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
    counted = {"name": "count", "in": "query", "schema": {"enum": ["1"]}}
    return [*plain, {"name": "sort", "in": "query", "schema": {"enum": sorts}}, limit, counted, *asked]


def _operation(tag: str, answers: dict[str, Any], parameters: list[Any], body: str = "") -> dict[str, Any]:
    sent = {"requestBody": {"required": True, "content": _json(f"#/components/schemas/{body}")}} if body else {}
    return {"tags": [tag], "parameters": parameters, "responses": answers | _WRONG, **sent}


def _json(ref: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": ref}}}
