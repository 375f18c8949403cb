"""A phone tells how it stands: its app, what it has not sent, what it set aside, its clock.

Revision: 20261207_device_states
Follows: 20261206_refills
"""

import sqlalchemy as sa
from alembic import op

revision = "20261207_device_states"
down_revision = "20261206_refills"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("app", sa.String(length=20), server_default="", nullable=False))
    op.add_column("device", sa.Column("again_asked_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("device") as devices:
        devices.alter_column("app", server_default=None)
    op.create_table(
        "device_state",
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("photos", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside", sa.Text(), nullable=False),
        sa.Column("alarms", sa.BigInteger(), nullable=False),
        sa.Column("clock_offset_s", sa.BigInteger(), nullable=True),
        sa.Column("clock_doubt_s", sa.BigInteger(), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_bytes", sa.BigInteger(), nullable=True),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("device_id"),
    )


def downgrade() -> None:
    op.drop_table("device_state")
    with op.batch_alter_table("device") as devices:
        devices.drop_column("again_asked_at")
        devices.drop_column("app")
