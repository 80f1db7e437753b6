"""A page that is asked for never writes, whatever its code says."""

import pytest
from sqlalchemy.exc import InternalError

from crm import create_app
from crm.infra.db import driven
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from tests.cast import sign_in

bp = CrmBlueprint("writes", __name__, url_prefix="/writes")


@bp.get("/signed-in", needs=SIGNED_IN)
def signed_in():
    return _write()


@bp.get("/public", needs=PUBLIC)
def public():
    return _write()


@bp.post("/signed-in", needs=SIGNED_IN)
def posted():
    return _write()


def _write():
    driven("UPDATE shape SET version = version")
    return "written"


@pytest.fixture
def client(app, settings):
    other = create_app(settings)
    other.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
    other.register_blueprint(bp)
    other.test_client_class = app.test_client_class
    with other.app_context():
        yield other.test_client()


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_is_signed_in_reads_only(client, cast, method):
    sign_in(client, cast.rep)
    with pytest.raises(InternalError, match="read-only transaction"):
        getattr(client, method)("/writes/signed-in")


def test_a_stranger_reads_only(client):
    with pytest.raises(InternalError, match="read-only transaction"):
        client.get("/writes/public")


def test_what_is_posted_is_written(client, cast):
    sign_in(client, cast.rep)
    assert client.post("/writes/signed-in").text == "written"
