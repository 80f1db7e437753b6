"""What can be asked of every type of record: list, read, create, change, into the bin and out of it, follow-ups."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request, url_for

from crm.blueprints.api.likeness import there_already
from crm.domain.records.external import ids_of
from crm.domain.tasks.following import write
from crm.domain.timeline.fields import EDITED
from crm.infra import json
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, read_rows
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.api.problems import answer, problem
from crm.web.api.values import UNKNOWN, described, typed, understood
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage
from crm.web.records.place import RecordPlace
from crm.web.throttle import api_limits

MOST = 100
_NOT_AN_OBJECT = N_("The body must be one JSON object.")
_REFUSED = N_("The %(record)s was not saved")
_CHANGED_MEANWHILE = N_("It was changed meanwhile: read it again, then decide.")


def api_of(type_: RecordType) -> CrmBlueprint:
    """Every address of one type, at /api/v1/<type>."""
    bp = CrmBlueprint(f"api_{type_.key}", __name__, url_prefix=f"/api/v1/{type_.key}", module=type_.key)
    place = RecordPlace(type_, RecordPage)
    _add_reading(bp, place)
    _add_writing(bp, place)
    _add_bin(bp, place)
    _add_follow_ups(bp, place)
    return bp


def _add_reading(bp: CrmBlueprint, place: RecordPlace) -> None:
    type_ = place.type

    @bp.get("", needs=type_.may_read)
    @api_limits
    def index() -> Response:
        """`q`, filters, `sort` and `after` as in the address of the list; `limit` up to 100; `count=1` counts."""
        args = [each for each in request.args.items(multi=True) if each[0] not in ("limit", "count", "cols")]
        query, spec = Query.from_args(args), type_.list.open_to(g.actor)
        page = spec.page(g.actor, query, size=_limit(request.args.get("limit", "")))
        ids = [row.id for row in page.rows]
        found = {each.id: each for each in db.session.scalars(type_.entity.visible_to(g.actor).where(_in(type_, ids)))}
        body: dict[str, Any] = {
            "data": described(type_.open_to(g.actor), [found[id_] for id_ in ids if id_ in found]),
            "after": page.after or None,
            "before": page.before or None,
        }
        if request.args.get("count") == "1":
            counted = spec.count(g.actor, query, least=len(ids))
            body["count"] = {"at_least": counted.number, "exact": not counted.more}
        return answer(body)

    @bp.get("/<int:record_id>", needs=type_.may_read)
    @api_limits
    def show(record_id: int) -> Response:
        return _answered(type_, place.one(record_id))


def _add_writing(bp: CrmBlueprint, place: RecordPlace) -> None:
    type_ = place.type

    @bp.post("", needs=type_.may_create)
    @api_limits
    def create() -> Response:
        """What seems to be there already is told before a second one is made; `anyway=1` makes it."""

        def made(values: Mapping[str, Any]) -> Response:
            if (told_first := there_already(place, values)) is not None:
                return told_first
            id_ = type_.verbs.create_many(g.actor, [values])[0]
            where = url_for(f"{bp.name}.show", record_id=id_)
            return _answered(type_, place.one(id_), 201, {"Location": where})

        return _written(place, made, new=True)

    @bp.patch("/<int:record_id>", needs=type_.may_edit)
    @api_limits
    def change(record_id: int) -> Response:
        """Only what is sent changes. `If-Match` with the version that was read: 412 if it is another one by now."""
        one = place.one(record_id, type_.may_edit, lock=True)
        if request.if_match and str(one.version) not in request.if_match:
            return problem(412, gettext(_REFUSED, record=place.noun), gettext(_CHANGED_MEANWHILE))

        def changed(values: Mapping[str, Any]) -> Response:
            outcome = type_.verbs.change(g.actor, one, values)
            db.session.flush()
            db.session.refresh(one)
            return _answered(type_, one, waiting=sorted(outcome.waiting))

        return _written(place, changed)


def _add_bin(bp: CrmBlueprint, place: RecordPlace) -> None:
    type_ = place.type

    @bp.delete("/<int:record_id>", needs=type_.may_delete)
    @api_limits
    def delete(record_id: int) -> Response:
        """Into the recycle bin."""
        type_.verbs.delete(g.actor, place.one(record_id, type_.may_delete, lock=True))
        return Response(status=204)

    @bp.post("/<int:record_id>/restoration", needs=type_.may_delete)
    @api_limits
    def restore(record_id: int) -> Response:
        one = place.binned(record_id, type_.may_delete)
        type_.verbs.restore(g.actor, one)
        db.session.flush()
        return _answered(type_, one)


def _add_follow_ups(bp: CrmBlueprint, place: RecordPlace) -> None:
    @bp.post("/<int:record_id>/follow-ups", needs=Permission.FOLLOW_UPS_WRITE)
    @api_limits
    def follow_up(record_id: int) -> Response:
        """`kind`, `body`, and if there are any `result`, `next_step`, `next_on`, `happened_at`, `present`."""
        one = place.one(record_id, Permission.FOLLOW_UPS_WRITE)
        texts = {each.key: "" for each in EDITED if each.required}
        texts |= {key: typed(value) for key, value in _body().items()}
        reading = read_rows(EDITED, [texts], Context(g.actor))[0]
        unknown = texts.keys() - {each.key for each in EDITED}
        if reading.problems or unknown:
            return _refused(place, reading.problems | dict.fromkeys(unknown, Invalid(UNKNOWN)))
        given = {key: value for key, value in reading.values.items() if value is not None}
        written = write(g.actor, one, given).follow_up
        return answer({"id": written.id}, 201)


def _written(place: RecordPlace, write: Callable[[Mapping[str, Any]], Response], *, new: bool = False) -> Response:
    reading = understood(place.type.open_to(g.actor), _body(), new=new)
    if reading.problems:
        return _refused(place, reading.problems)
    try:
        return write(reading.values)
    except Invalid as wrong:
        if not (key := wrong.params.get("key", "")):
            raise
        return _refused(place, {key: wrong})


def _refused(place: RecordPlace, problems: Mapping[str, Invalid]) -> Response:
    said = {key: told(each) for key, each in sorted(problems.items())}
    return problem(422, gettext(_REFUSED, record=place.noun), fields=said)


def _answered(
    type_: RecordType,
    one: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    waiting: list[str] | None = None,
) -> Response:
    """`waiting`: fields whose change takes effect when a second person has confirmed it. Of one record alone it is told
    what other systems call it."""
    (body,) = described(type_.open_to(g.actor), [one])
    body["external_ids"] = [{"system": system, "id": id_} for system, id_ in ids_of(type_.key, one.id)]
    body |= {"waiting": waiting} if waiting else {}
    return answer(body, status, {"ETag": f'"{one.version}"', **(headers or {})})


def _body() -> Mapping[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise Invalid(_NOT_AN_OBJECT) from error
    if not isinstance(body, dict):
        raise Invalid(_NOT_AN_OBJECT)
    return body


def _limit(text: str) -> int:
    if not text:
        return 25
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST:
        raise Invalid(N_("“limit” is a number from 1 to %(most)s."), most=MOST)
    return int(text)


def _in(type_: RecordType, ids: list[int]) -> Any:
    return type_.entity.id.in_(ids)
