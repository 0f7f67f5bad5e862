"""voice messages to the operator"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("recording_sid", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at_carrier", sa.Boolean(), nullable=False),
        sa.Column("sound_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("next_at_utc", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("left_at_utc", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("recording_sid"),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "next_at_utc", "left_at_utc"):
        op.create_index(f"ix_voice_messages_{column}", "voice_messages", [column])


def downgrade() -> None:
    op.drop_table("voice_messages")
