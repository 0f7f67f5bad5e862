"""by which rules and hours the ledger is planned, which rows end first, which calls have said their words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("messages", sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_reminders_end", "reminders", ["state", "urgent", "expires_at_utc"])


def downgrade() -> None:
    op.drop_index("ix_reminders_end", "reminders")
    op.drop_column("messages", "told")
    op.drop_table("plans")
