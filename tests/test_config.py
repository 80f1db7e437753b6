"""Settings: defaults, what the environment says, and a sentence for everything that makes no sense."""

import os
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from crm.config import VERSION, Settings, SettingsError

PROJECT = Path(__file__).resolve().parents[1]


def test_nothing_has_to_be_set() -> None:
    assert Settings.from_env({}) == Settings()


def test_every_setting_is_read_from_its_variable() -> None:
    given = {
        "CRM_INSTANCE": "/srv/crm",
        "DATABASE_URL": "postgres://u:p@h/d",
        "REDIS_URL": "rediss://h:6380/1",
        "CRM_PORT": "8080",
        "CRM_WEB_THREADS": " 40 ",
        "CRM_STREAMS": "20",
        "CRM_LANGUAGE": "zh_CN",
        "CRM_COMPANY": "东方实业",
        "CRM_TESTING": "yes",
    }
    settings = Settings.from_env(given)
    assert settings.instance == Path("/srv/crm")
    assert settings.database_url == "postgres://u:p@h/d"
    assert settings.redis_url == "rediss://h:6380/1"
    assert (settings.port, settings.web_threads, settings.streams) == (8080, 40, 20)
    assert (settings.language, settings.company, settings.testing) == ("zh_CN", "东方实业", True)


def test_empty_means_unset() -> None:
    assert Settings.from_env({each.metadata["env"]: " " for each in fields(Settings)}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("CRM_PORT", "eighty", "CRM_PORT must be a whole number, not 'eighty'."),
        ("CRM_PORT", "70000", "CRM_PORT must be at most 65535, not 70000."),
        ("CRM_PORT", "-1", "CRM_PORT must be at least 0, not -1."),
        ("CRM_WORKERS", "0", "CRM_WORKERS must be at least 1, not 0."),
        ("CRM_STREAMS", "13", "CRM_WEB_THREADS must be at least twice CRM_STREAMS, or streams starve the pages."),
        ("CRM_TESTING", "perhaps", "CRM_TESTING must be yes or no, not 'perhaps'."),
        ("CRM_LANGUAGE", "fr", "CRM_LANGUAGE must be one of en, zh_CN, not 'fr'."),
        ("CRM_LOG_LEVEL", "loud", "CRM_LOG_LEVEL must be debug, info, warning or error, not 'loud'."),
        ("CRM_TIMEZONE", "Mars/Olympus", "CRM_TIMEZONE must be a name such as Asia/Shanghai, not 'Mars/Olympus'."),
        ("CRM_TIMEZONE", "../etc", "CRM_TIMEZONE must be a name such as Asia/Shanghai, not '../etc'."),
        ("CRM_PHONE_REGION", "cn", "CRM_PHONE_REGION must be two capital letters such as CN, not 'cn'."),
        ("CRM_SECRET_KEY", "short", "CRM_SECRET_KEY must have at least 32 characters."),
        ("DATABASE_URL", "mysql://h/d", "DATABASE_URL must begin with postgresql:// or postgres:// or"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must begin with redis:// or rediss:// or unix://."),
        ("CRM_STORAGE_URL", "ftp://h", "CRM_STORAGE_URL must begin with s3://."),
        ("CRM_MAIL_URL", "mail.example.com", "CRM_MAIL_URL must begin with smtp:// or smtps://."),
        ("CRM_BASE_URL", "crm.example.com", "CRM_BASE_URL must begin with http:// or https://."),
    ],
)
def test_what_makes_no_sense_is_a_sentence(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({variable: value})
    assert str(refused.value).startswith(sentence)


def test_a_bad_value_stops_the_boot_with_that_sentence_alone(tmp_path: Path) -> None:
    environment = os.environ | {"CRM_PORT": "eighty", "CRM_INSTANCE": str(tmp_path / "instance")}
    done = subprocess.run(
        [sys.executable, "-m", "crm", "up"], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CRM_PORT must be a whole number, not 'eighty'.\n"
    assert not (tmp_path / "instance").exists()


def test_children_read_back_the_very_settings_of_their_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.infra import launch

    monkeypatch.setenv("CRM_COMPANY", "overruled")
    settings = Settings(
        instance=Path("/srv/crm"), port=8080, testing=True, company="东方实业", timezone="Europe/Berlin"
    )
    assert Settings.from_env(launch._environment(settings)) == settings


def test_the_program_is_of_the_version_that_the_project_says() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"] == VERSION
