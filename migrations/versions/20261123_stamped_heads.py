"""The log's head of each day is kept with the timestamp of an outside authority.

Revision: 20261123_stamped_heads
Follows: 20261122_rate_limits
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_stamped_heads"
down_revision = "20261122_rate_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stamped_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("log_id", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_stamped_head")),
    )


def downgrade() -> None:
    op.drop_table("stamped_head")
