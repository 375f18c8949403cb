"""Moves made at a desk are leaves of the log; labels that our key signed and nobody knows wait to be told.

What was kept before has no leaf, and says so.

Revision: 20261202_moves_and_strays
Follows: 20261201_finished_words
"""

import sqlalchemy as sa
from alembic import op

revision = "20261202_moves_and_strays"
down_revision = "20261201_finished_words"
branch_labels = None
depends_on = None

EVENTS = ("seal_event", "physical_seal_event")


def upgrade() -> None:
    for table in EVENTS:
        op.add_column(table, sa.Column("predates_log", sa.Boolean(), server_default=sa.false(), nullable=False))
        op.execute(sa.table(table, sa.column("predates_log", sa.Boolean())).update().values(predates_log=True))
    op.create_table(
        "unknown_label",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_unknown_label")),
    )


def downgrade() -> None:
    op.drop_table("unknown_label")
    for table in EVENTS:
        with op.batch_alter_table(table) as events:
            events.drop_column("predates_log")
