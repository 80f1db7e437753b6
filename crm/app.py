"""The application factory: a table of contents."""

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

from crm.config import Settings
from crm.infra import logging, news, queue, vault
from crm.infra.db import db, engine_options
from crm.infra.embedded import normalised
from crm.infra.secret import secret_key
from crm.kernel import events, listening
from crm.kernel.company import company
from crm.reactions import LISTENER, REACTIONS
from crm.web import assets, compression, errors, frame, i18n, request_log, security, session, throttle, turns

csrf = CSRFProtect()


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
    events.subscribe(REACTIONS)
    listening.listened_by(LISTENER)
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


def _records() -> tuple[Blueprint, ...]:
    """The types of record, and what shapes them."""
    from crm.blueprints.contacts.routes import bp as contacts
    from crm.blueprints.customers.routes import bp as customers
    from crm.blueprints.lead_rules.routes import bp as lead_rules
    from crm.blueprints.leads.routes import bp as leads
    from crm.blueprints.opportunities import bp as opportunities
    from crm.blueprints.orders.routes import bp as orders
    from crm.blueprints.pipelines.routes import bp as pipelines
    from crm.blueprints.pool.routes import bp as pool
    from crm.blueprints.products.routes import bp as products
    from crm.blueprints.sla import bp as sla
    from crm.blueprints.tags.routes import bp as tags
    from crm.blueprints.tasks.routes import bp as tasks
    from crm.blueprints.ticket_rules import bp as ticket_rules
    from crm.blueprints.tickets.routes import bp as tickets

    sold = (customers, contacts, opportunities, pipelines, leads, lead_rules, products, orders)
    return *sold, tickets, ticket_rules, sla, tasks, tags, pool


def _for_records() -> tuple[Blueprint, ...]:
    """What serves every type of record."""
    from crm.blueprints.bulk.routes import bp as bulk
    from crm.blueprints.cells.routes import bp as cells
    from crm.blueprints.columns.routes import bp as columns
    from crm.blueprints.confirming.routes import bp as confirming
    from crm.blueprints.dashboards import bp as dashboards
    from crm.blueprints.duplicates.routes import bp as duplicates
    from crm.blueprints.exports.routes import bp as exports
    from crm.blueprints.filters.routes import bp as filters
    from crm.blueprints.imports.routes import bp as imports
    from crm.blueprints.lookup.routes import bp as lookup
    from crm.blueprints.quality import bp as quality
    from crm.blueprints.reports import bp as reports
    from crm.blueprints.samples import bp as samples
    from crm.blueprints.saved_views.routes import bp as saved_views
    from crm.blueprints.search.routes import bp as search
    from crm.blueprints.sharing.routes import bp as sharing

    known = (bulk, cells, columns, confirming, dashboards, duplicates, exports)
    return *known, filters, imports, lookup, quality, reports, samples, saved_views, search, sharing


def _mount(app: Flask) -> None:
    from crm.blueprints.access import bp as access
    from crm.blueprints.account.routes import bp as account
    from crm.blueprints.admin import bp as admin
    from crm.blueprints.api.keys import bp as api_keys
    from crm.blueprints.api.routes import bp as api
    from crm.blueprints.api.routes import of_records as api_of_records
    from crm.blueprints.audit.routes import bp as audit
    from crm.blueprints.automation import bp as automation
    from crm.blueprints.automation import digests as automation_digests
    from crm.blueprints.calendar.routes import bp as calendar
    from crm.blueprints.feedback.routes import bp as feedback
    from crm.blueprints.goals.routes import bp as goals
    from crm.blueprints.home.routes import bp as home
    from crm.blueprints.intake.admin import bp as intake_forms
    from crm.blueprints.intake.routes import bp as intake
    from crm.blueprints.mail.routes import bp as mail
    from crm.blueprints.mail_templates.routes import bp as mail_templates
    from crm.blueprints.modules.routes import bp as modules
    from crm.blueprints.notifications.preferences import bp as notification_preferences
    from crm.blueprints.notifications.routes import bp as notifications
    from crm.blueprints.satisfaction.routes import bp as satisfaction
    from crm.blueprints.satisfaction.visiting import bp as satisfaction_page
    from crm.blueprints.system.months import bp as system_page
    from crm.blueprints.system.routes import bp as system
    from crm.blueprints.webhooks.routes import bp as webhooks

    own = (system, account, access, api_keys, home, notifications, calendar, goals, feedback, audit, admin, modules)
    own += (mail, mail_templates, notification_preferences, satisfaction, intake_forms)
    own += (automation, automation_digests, webhooks, system_page)
    for blueprint in (*own, *_records(), *_for_records()):
        app.register_blueprint(blueprint)
    # Keys, not cookies, say who asks, or nobody has a say that could be borrowed: there is nothing to forge.
    for blueprint in (api, *api_of_records, intake, satisfaction_page):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
