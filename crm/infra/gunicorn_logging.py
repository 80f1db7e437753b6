"""For `gunicorn --logger-class crm.infra.gunicorn_logging.Logger`: its lines are ours from the first one on."""

from gunicorn.config import Config
from gunicorn.glogging import Logger as GunicornLogger

from crm.config import Settings
from crm.infra import logging


class Logger(GunicornLogger):  # type: ignore[misc]
    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        logging.configure(Settings.from_env())
