import structlog


def test_a_request_leaves_one_line_without_what_was_searched(as_, cast):
    with structlog.testing.capture_logs() as lines:
        answer = as_.rep.get("/customers/?q=secret-words", headers={"X-Request-Id": "abcdef-123456"})
    (line,) = [each for each in lines if each["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/customers/", 200)
    assert "secret-words" not in str(line)
    assert answer.headers["X-Request-Id"] == "abcdef-123456"
