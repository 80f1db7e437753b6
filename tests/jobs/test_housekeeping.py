from sqlalchemy import text

from crm.jobs.housekeeping import tidy


def test_only_what_has_done_its_work_is_removed(cast, session):
    session.execute(
        text("""INSERT INTO idempotency_keys (person_id, key, digest, created_at)
                VALUES (:id, 'old', '', now() - interval '4 days'), (:id, 'new', '', now())"""),
        {"id": cast.rep.id},
    )
    session.commit()
    tidy()
    assert session.scalars(text("SELECT key FROM idempotency_keys")).all() == ["new"]
