"""what is too old is found by its age, the carrier's copies are deleted, opt-outs name their key"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDED = (
    ("ix_answers_worded", "answers", ["at_utc"], "reply_sealed"),
    ("ix_messages_worded", "messages", ["state", "next_at_utc"], "body_sealed"),
)


def upgrade() -> None:
    op.create_index("ix_people_seen", "people", ["seen_at_utc"])
    for name, table, columns, sealed in WORDED:
        has_words = sa.text(f"length({sealed}) > 0")
        op.create_index(name, table, columns, sqlite_where=has_words, postgresql_where=has_words)
    op.add_column("opt_outs", sa.Column("key_id", sa.LargeBinary(), nullable=True))
    op.create_table(
        "copies",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("noted_at_utc", sa.DateTime(), nullable=False),
        sa.Column("next_at_utc", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_index("ix_copies_next_at_utc", "copies", ["next_at_utc"])


def downgrade() -> None:
    op.drop_table("copies")
    op.drop_column("opt_outs", "key_id")
    for name, table, _, _ in WORDED:
        op.drop_index(name, table)
    op.drop_index("ix_people_seen", "people")
