"""Word of a change travels when it can, and nobody waits long or fails when it cannot."""

import threading
from dataclasses import replace

from crm.infra.news import Herald, listening


def test_who_listens_hears_of_their_topic(settings):
    with listening(settings, "import:1") as news:
        thread = threading.Thread(target=news.wait, args=(120,))
        thread.start()
        herald = Herald(settings)
        for _ in range(100):
            herald.tell("import:2")
            herald.tell("import:1")
            thread.join(0.1)
        assert not thread.is_alive()


def test_without_redis_nobody_fails(settings):
    for away in (replace(settings, redis_url="unix:///nowhere/redis.sock"), replace(settings, redis_url="")):
        Herald(away).tell("import:1")
        with listening(away, "import:1") as news:
            news.wait(0.01)
