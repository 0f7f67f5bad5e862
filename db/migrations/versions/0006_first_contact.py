"""first contact, places in the guide that grow old, limits on texts, opt-outs at the carrier"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OF_PEOPLE = ("welcomed_at_utc", "reading_at_utc", "last_rules_at_utc")
OF_ANSWERS = (("number_index", sa.LargeBinary()), ("text_index", sa.LargeBinary()), ("said", sa.String()))


def upgrade() -> None:
    for name in OF_PEOPLE:
        op.add_column("people", sa.Column(name, sa.DateTime(), nullable=True))
    op.add_column(
        "opt_outs", sa.Column("at_carrier", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name, kind in OF_ANSWERS:
        op.add_column("answers", sa.Column(name, kind, nullable=True))
    op.create_index("ix_answers_number", "answers", ["number_index", "at_utc"])


def downgrade() -> None:
    op.drop_index("ix_answers_number", "answers")
    for name, _ in OF_ANSWERS:
        op.drop_column("answers", name)
    op.drop_column("opt_outs", "at_carrier")
    for name in OF_PEOPLE:
        op.drop_column("people", name)
