"""The application factory: a table of contents."""

from importlib import import_module
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

from crm.config import Settings
from crm.infra import logging, news, queue, vault
from crm.infra.db import db, engine_options
from crm.infra.embedded import normalised
from crm.infra.secret import secret_key
from crm.kernel import events
from crm.kernel.company import company
from crm.reactions import REACTIONS
from crm.web import assets, compression, errors, frame, i18n, request_log, security, session, throttle, turns

csrf = CSRFProtect()
migrate = Migrate()


def create_app(settings: Settings, *, connections: int | None = None) -> Flask:
    """The program around one set of settings; `connections` bounds this process's share of the database."""
    app = Flask("crm", instance_path=str(settings.instance.resolve()), static_folder=None)
    app.config.from_mapping(_flask_settings(settings, connections or settings.database_connections))
    logging.configure(settings)
    queue.init(settings)
    news.init(settings)
    vault.init(settings)
    company.timezone, company.phone_region, company.language = (
        settings.timezone,
        settings.phone_region,
        settings.language,
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent.parent / "migrations"))
    events.subscribe(REACTIONS)
    request_log.init_app(app)
    session.init_app(app)
    csrf.init_app(app)
    for part in (i18n, security, throttle, errors, frame, turns, assets, compression):
        part.init_app(app)
    _mount(app)
    return app


def _flask_settings(settings: Settings, connections: int) -> dict[str, object]:
    return {
        "SETTINGS": settings,
        "TESTING": settings.testing,
        "SECRET_KEY": secret_key(settings),
        "SQLALCHEMY_DATABASE_URI": normalised(settings.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(connections),
        "MAX_CONTENT_LENGTH": settings.upload_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "crm_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https://"),
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as the session
        "WTF_CSRF_HEADERS": ["X-CSRFToken", "X-CSRF-Token"],
    }


# The areas of the web in the order of their addresses: crm/blueprints/<area>, whose `bp` is there or in `routes`.
_AREAS = (
    *("system.routes", "account.routes", "customers.routes", "contacts.routes", "opportunities", "leads.routes"),
    *("lead_rules.routes", "imports.routes", "bulk.routes", "saved_views.routes", "cells.routes"),
    *("confirming.routes", "search.routes", "columns.routes", "filters.routes", "lookup.routes", "audit.routes"),
    *("admin", "sharing.routes", "modules.routes", "pipelines.routes"),
)


def _mount(app: Flask) -> None:
    for area in _AREAS:
        app.register_blueprint(import_module(f"crm.blueprints.{area}").bp)
