"""what replies in all and to a country are counted by, and counters for the monitor"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("purse_index", sa.LargeBinary(), nullable=True))
    op.create_index("ix_answers_purse", "answers", ["purse_index", "at_utc"])
    op.create_index("ix_answers_said", "answers", ["said", "at_utc"])
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("counters")
    op.drop_index("ix_answers_said", "answers")
    op.drop_index("ix_answers_purse", "answers")
    op.drop_column("answers", "purse_index")
