"""which rows of the ledger press, and when a question about a date is asked again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was planned before, a row is urgent if fewer than three of its term come later."""
    op.add_column("reminders", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("ask_again_at_utc", sa.DateTime(), nullable=True))
    op.create_index("ix_people_ask_again", "people", ["ask_again_at_utc"])
    op.execute(
        "UPDATE reminders SET urgent = TRUE WHERE (SELECT COUNT(*) FROM reminders AS later"
        " WHERE later.person_id = reminders.person_id AND later.member = reminders.member"
        " AND later.rule = reminders.rule AND later.anchor_index = reminders.anchor_index"
        " AND later.due_on > reminders.due_on) < 3"
    )


def downgrade() -> None:
    op.drop_index("ix_people_ask_again", "people")
    op.drop_column("people", "ask_again_at_utc")
    op.drop_column("reminders", "urgent")
