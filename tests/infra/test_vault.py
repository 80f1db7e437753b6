"""What is sealed opens with its key in its place, unchanged, and nowhere else."""

import pytest
from structlog.testing import capture_logs

from crm.config import Settings, SettingsError
from crm.infra import vault
from crm.infra.vault import KeyMissing, KeysLost, Unreadable

PLACE = "customers.x_card"


@pytest.fixture
def file(tmp_path):
    before = vault._vault.path, vault._vault.keys
    vault.init(Settings(instance=tmp_path))
    yield tmp_path / "field_keys"
    vault._vault.path, vault._vault.keys = before
    vault._vault.read_at = (0, 0)


def test_a_text_comes_back_and_never_looks_the_same_twice(file):
    one, two = (vault.seal(PLACE, "110101 甲", "110101 甲") for _ in range(2))
    assert one != two
    assert {vault.unseal(PLACE, each) for each in (one, two)} == {"110101 甲"}
    assert one.split(".")[1] == two.split(".")[1], "equal texts are found by the same mark"
    assert "110101" not in one


def test_the_file_of_keys_is_for_nobody_else(file):
    vault.seal(PLACE, "x", "x")
    assert file.stat().st_mode & 0o777 == 0o600


def test_moved_to_another_place_or_changed_by_a_letter_it_does_not_open(file):
    sealed = vault.seal(PLACE, "secret", "secret")
    key, mark, body = sealed.split(".")
    for place, spoilt in (
        ("customers.x_other", sealed),
        (PLACE, f"{key}.{mark}.{'A' if body[0] != 'A' else 'B'}{body[1:]}"),
        (PLACE, f"{key}.{vault.newest().mark(PLACE, 'other')}.{body}"),
        (PLACE, f"{key}.{mark}.short"),
        (PLACE, f"{key}.{mark}.密密"),
        (PLACE, "secret"),
        (PLACE, ""),
    ):
        with pytest.raises(Unreadable):
            vault.unseal(place, spoilt)


def test_equal_texts_of_two_fields_have_nothing_in_common(file):
    one, other = vault.seal(PLACE, "x", "x"), vault.seal("customers.x_other", "x", "x")
    assert not set(one.split(".")[1:]) & set(other.split(".")[1:])


def test_a_new_key_seals_and_the_old_one_opens_until_it_is_forgotten(file):
    before = vault.seal(PLACE, "old", "old")
    made = vault.add_key()
    after = vault.seal(PLACE, "new", "new")
    assert after.startswith(made.id)
    assert not before.startswith(made.id)
    assert vault.unseal(PLACE, before) == "old"
    assert len(vault.marks(PLACE, "old")) == 2
    assert before.split(".")[1] in vault.marks(PLACE, "old")
    assert not vault.forget_key(made.id), "the newest stays"
    assert vault.forget_key(before.partition(".")[0])
    with pytest.raises(KeyMissing):
        vault.unseal(PLACE, before)
    assert vault.unseal(PLACE, after) == "new"
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_process_sees_a_new_key_at_once(file):
    vault.seal(PLACE, "x", "x")
    with open(file, "a") as other:
        other.write("\n" + "z" * 40 + "\n")
    assert vault.newest().id == vault.Key("z" * 40).id


def test_keys_of_the_environment_are_used_as_they_stand(file, tmp_path):
    vault.init(Settings(instance=tmp_path, field_keys=f"{'a' * 40} {'b' * 40}"))
    assert vault.newest().id == vault.Key("b" * 40).id
    assert vault.add_key() is None
    assert not vault.forget_key(vault.Key("a" * 40).id)
    with pytest.raises(SettingsError, match="CRM_FIELD_KEYS"):
        Settings(field_keys="short")


def as_another_process(file):
    vault.init(Settings(instance=file.parent))


def test_a_file_of_keys_that_is_gone_is_not_made_anew(file):
    sealed = vault.seal(PLACE, "x", "x")
    kept = file.read_text()
    file.unlink()
    as_another_process(file)
    for ask in (lambda: vault.seal(PLACE, "y", "y"), lambda: vault.unseal(PLACE, sealed), vault.newest, vault.add_key):
        with pytest.raises(KeysLost, match="backup"):
            ask()
    assert not file.exists()
    assert vault.is_lost()
    file.write_text(kept)
    assert vault.unseal(PLACE, sealed) == "x"
    assert not vault.is_lost()


def test_whoever_has_read_the_keys_goes_on_without_the_file_and_says_so_once(file):
    sealed = vault.seal(PLACE, "x", "x")
    file.unlink()
    with capture_logs() as said:
        assert [vault.unseal(PLACE, sealed) for _ in range(2)] == ["x", "x"]
        assert vault.unseal(PLACE, vault.seal(PLACE, "y", "y")) == "y"
    assert [(each["event"], each["log_level"]) for each in said] == [("vault.keys_lost", "error")]
    assert not file.exists()


def test_an_empty_file_says_that_the_old_keys_are_lost_for_good(file):
    sealed = vault.seal(PLACE, "x", "x")
    file.write_text("")
    as_another_process(file)
    with pytest.raises(KeyMissing):
        vault.unseal(PLACE, sealed)
    assert vault.unseal(PLACE, vault.seal(PLACE, "y", "y")) == "y"
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_there_never_was_one_it_is_made(file):
    assert not file.exists() and vault.is_lost()
    vault.ring()
    assert not vault.is_lost()
