"""For other WSGI servers than ours: `wsgi:app`. DATABASE_URL and REDIS_URL must be set."""

from crm import create_app
from crm.config import Settings

app = create_app(Settings.from_env())
