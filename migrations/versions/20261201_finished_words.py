"""The words of a label's page are kept beside its record, so that its first reader waits no longer than the next.

Revision: 20261201_finished_words
Follows: 20261130_labelling
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_finished_words"
down_revision = "20261130_labelling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("public_record", sa.Column("words", sa.Text(), nullable=True))
    op.add_column("public_record", sa.Column("words_by", sa.String(length=16), server_default="", nullable=False))
    until = sa.Column("words_until", sa.Date(), server_default="0001-01-01", nullable=False)
    op.add_column("public_record", until)
    op.create_index("ix_public_record_words", "public_record", ["words_by", "words_until"])


def downgrade() -> None:
    op.drop_index("ix_public_record_words", table_name="public_record")
    with op.batch_alter_table("public_record") as table:
        for name in ("words_until", "words_by", "words"):
            table.drop_column(name)
