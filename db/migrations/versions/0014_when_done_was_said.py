"""when DONE or START was said of each rule: START brings back what was ended last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ANCHORS = sa.table("anchors", *(sa.column(name) for name in ("person_id", "member", "kind", "done")))
OTHER = ANCHORS.alias()


def upgrade() -> None:
    op.add_column("anchors", sa.Column("said", sa.String(), nullable=True))
    for rule, own in (("d11", "registration-until"), ("d18", "family-until")):
        _keep_with_its_own(rule, own)


def _keep_with_its_own(rule: str, own: str) -> None:
    """DONE of an extension was kept with the contract's end where that was the earlier one."""
    contract, name = "job-until", f" {rule} "
    same = sa.and_(OTHER.c.person_id == ANCHORS.c.person_id, OTHER.c.member == ANCHORS.c.member)
    there = sa.exists().where(same, OTHER.c.kind == contract, (" " + OTHER.c.done + " ").contains(name))
    added = sa.func.trim(ANCHORS.c.done + f" {rule}")
    op.execute(sa.update(ANCHORS).where(ANCHORS.c.kind == own, there).values(done=added))
    done, here = " " + ANCHORS.c.done + " ", sa.exists().where(same, OTHER.c.kind == own)
    kept = sa.func.trim(sa.func.replace(done, name, " "))
    op.execute(
        sa.update(ANCHORS).where(ANCHORS.c.kind == contract, done.contains(name), here).values(done=kept)
    )


def downgrade() -> None:
    op.drop_column("anchors", "said")
