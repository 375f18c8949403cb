"""Scans of public labels, kept coarsely, and the labels that somebody is asked to compare.

Revision: 20261127_scans
Follows: 20261126_seal_ledger
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127_scans"
down_revision = "20261126_seal_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cell", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("serial", "hour", "cell", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_hour", "scan", ["hour"])
    op.create_table(
        "label_flag",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=60), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_label_flag_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_flag")),
        sa.UniqueConstraint("task_id", name=op.f("uq_label_flag_task_id")),
    )
    op.create_index("ix_label_flag_serial", "label_flag", ["serial"])


def downgrade() -> None:
    op.drop_table("label_flag")
    op.drop_table("scan")
