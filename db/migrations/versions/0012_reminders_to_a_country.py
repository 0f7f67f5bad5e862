"""what reminders to a country are counted by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("purse_index", sa.LargeBinary(), nullable=True))
    op.create_index("ix_messages_purse", "messages", ["purse_index", "created_at_utc"])


def downgrade() -> None:
    op.drop_index("ix_messages_purse", "messages")
    op.drop_column("messages", "purse_index")
