"""Connections to Redis, with limits on how long anybody waits for it."""

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError, TimeoutError
from redis.retry import Retry

from crm.config import Settings


def connect(settings: Settings, *, seconds: float = 5, retries: int = 3) -> Redis:
    """A client that gives up on one command after `seconds`, having tried `retries` times more.

    Nothing is connected yet: a Redis that is down shows at the first command.
    """
    if not settings.redis_url:
        raise ValueError("Redis has no address: settings.redis_url is empty.")
    options = {} if settings.redis_url.startswith("unix://") else {"socket_keepalive": True}
    return Redis.from_url(
        settings.redis_url,
        socket_timeout=seconds,
        socket_connect_timeout=min(seconds, 2),
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), retries),
        retry_on_error=[ConnectionError, TimeoutError],
        **options,
    )
