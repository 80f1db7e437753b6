"""Pages compressed on the way out: brotli where the browser takes it, else gzip. Assets bring their own (assets.py)."""

from flask import Flask
from flask_compress import Compress


def init_app(app: Flask) -> None:
    app.config |= {
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,  # a seventh less than 4 on a list, for 0.1 ms
        "COMPRESS_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 400,
        "COMPRESS_MIMETYPES": ["text/html", "text/plain", "application/json"],  # never text/event-stream
        "COMPRESS_BR_WINDOW": 16,  # no page is much longer than 64 KB, and a small one begins sooner
        "COMPRESS_STREAMS": False,
        "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,  # pages are never kept, so nobody asks whether they changed
    }
    Compress(app)
