"""replies in Latin letters, and of two pages at most"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns are added in place: on SQLite a table that is made anew would take what refers to it along."""
    op.add_column("people", sa.Column("rest_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("rest_at_utc", sa.DateTime(), nullable=True))
    op.add_column("people", sa.Column("script", sa.String(), nullable=True))
    op.add_column(
        "people", sa.Column("script_offered", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("people", "script_offered")
    op.drop_column("people", "script")
    op.drop_column("people", "rest_at_utc")
    op.drop_column("people", "rest_sealed")
