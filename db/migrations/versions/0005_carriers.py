"""pages that go one after another"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Added in place: on SQLite a table that is made anew would take what refers to it along."""
    op.add_column("messages", sa.Column("follows", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "follows")
