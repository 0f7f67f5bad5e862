"""reminders by call, and where a caller was"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns are added in place: on SQLite a table that is made anew would take what refers to it along."""
    op.add_column("people", sa.Column("reminded_by", sa.String(), nullable=False, server_default="sms"))
    op.add_column("people", sa.Column("heard", sa.String(), nullable=True))
    op.add_column("people", sa.Column("heard_at_utc", sa.DateTime(), nullable=True))
    op.add_column("reminders", sa.Column("channel", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("reminders", "channel")
    op.drop_column("people", "heard_at_utc")
    op.drop_column("people", "heard")
    op.drop_column("people", "reminded_by")
