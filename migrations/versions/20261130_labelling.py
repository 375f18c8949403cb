"""A verification keeps the number of the mark that the instrument bears since.

Revision: 20261130_labelling
Follows: 20261129_feedback
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_labelling"
down_revision = "20261129_feedback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verification", sa.Column("mark_no", sa.String(length=60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("verification") as table:
        table.drop_column("mark_no")
