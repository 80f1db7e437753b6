import json
from dataclasses import replace

import structlog
from sqlalchemy import text

from crm.infra import logging
from crm.infra.db import db
from crm.kernel.fields import FieldKind
from tests.domain.fields.making import made


def test_a_request_leaves_one_line_without_what_was_searched(as_, cast):
    with structlog.testing.capture_logs() as lines:
        answer = as_.rep.get("/customers/?q=secret-words", headers={"X-Request-Id": "abcdef-123456"})
    (line,) = [each for each in lines if each["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/customers/", 200)
    assert "secret-words" not in str(line)
    assert answer.headers["X-Request-Id"] == "abcdef-123456"


def test_secrets_never_come_to_the_log(app, as_, cast, capsys):
    """Of a sign-in, a key, an encrypted value, and of a statement that fails with what was typed in its hand."""
    logging.configure(replace(app.config["SETTINGS"], log_level="debug"))
    sealed = made(cast.administrator.actor, FieldKind.ENCRYPTED)
    as_.stranger.post("/sign-in", {"email": cast.rep.email, "password": "Xq9-password"})
    as_.stranger.get("/api/v1/customers", headers={"Authorization": "Bearer Xq9-token"})
    as_.stranger.get("/metrics", headers={"Authorization": "Bearer Xq9-metrics"})
    saved = as_.rep.post("/customers/", {"name": "Acme", "type": "company", sealed.key: "Xq9-sealed"})
    as_.rep.get("/customers/?q=Xq9-searched")
    view = app.view_functions["system.keyboard"]
    fails, typed = text("SELECT CAST(:typed AS text) FROM nowhere"), {"typed": "Xq9-typed"}
    app.view_functions["system.keyboard"] = lambda: db.session.execute(fails, typed)
    app.testing = False
    try:
        assert as_.rep.get("/keyboard").status_code == 500
    finally:
        app.view_functions["system.keyboard"], app.testing = view, True
    log = capsys.readouterr().err
    logging.configure(app.config["SETTINGS"])
    assert saved.status_code == 303 and "Xq9" not in log
    assert "UndefinedTable" in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    asked = [each for each in lines if each["event"] == "request"]
    assert len(asked) >= 5
    assert all(each.keys() >= {"timestamp", "level", "logger", "request_id", "actor_id", "route"} for each in asked)
    assert cast.rep.id in {each["actor_id"] for each in asked} and cast.rep.name not in log
    assert "/customers/" in {each["route"] for each in asked}
