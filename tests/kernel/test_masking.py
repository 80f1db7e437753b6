import pytest

from crm.kernel.masking import masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("138 0013 8000", "138****8000"),
        ("+86 138 0013 8000", "861****8000"),
        ("010-6275 1234", "010****1234"),
        ("li.lei@example.com", "l****@example.com"),
        ("@", "****@"),
        ("北京市朝阳区建国路 1 号", "北****"),
        ("Acme 1", "A****"),
        ("12", "1****"),
    ],
)
def test_the_shape_is_left_and_the_value_is_not(text, left):
    assert masked(text) == left


def test_how_much_is_hidden_is_not_told():
    assert masked("abc") == masked("abcdefghijklmno")
