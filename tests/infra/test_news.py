"""Word of a change travels when it can, and nobody waits long or fails when it cannot."""

import threading
import time
from dataclasses import replace

from crm.infra.news import Herald, listening


def test_who_listens_hears_of_their_topic_at_once(settings):
    with listening(settings, "import:1") as news:
        waited = []

        def wait():
            began = time.monotonic()
            news.wait(60)
            waited.append(time.monotonic() - began)

        thread = threading.Thread(target=wait)
        thread.start()
        herald = Herald(settings)
        herald.tell("import:2")
        herald.tell("import:1")
        thread.join(30)
        assert waited and waited[0] < 30


def test_without_redis_nobody_fails_and_a_wait_is_a_wait(settings):
    away = replace(settings, redis_url="unix:///nowhere/redis.sock")
    Herald(away).tell("import:1")
    Herald(replace(settings, redis_url="")).tell("import:1")
    for each in (away, replace(settings, redis_url="")):
        with listening(each, "import:1") as news:
            began = time.monotonic()
            news.wait(0.05)
            assert time.monotonic() - began >= 0.05
