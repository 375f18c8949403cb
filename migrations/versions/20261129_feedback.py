"""Feedback of consumers about the instrument of a label.

Revision: 20261129_feedback
Follows: 20261128_register_import
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_feedback"
down_revision = "20261128_register_import"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_feedback_instrument_id_instrument")
        ),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_feedback_read_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_instrument_id", "feedback", ["instrument_id"])
    op.create_index("ix_feedback_made_at", "feedback", ["made_at"])


def downgrade() -> None:
    op.drop_table("feedback")
