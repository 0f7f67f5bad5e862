"""when DONE or START was said of each rule: START brings back what was ended last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("anchors", sa.Column("said", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("anchors", "said")
