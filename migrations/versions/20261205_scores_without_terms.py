"""A stored score no longer repeats the terms that it was folded from: every page folds the ledger itself.

Revision: 20261205_scores_without_terms
Follows: 20261204_lighter_records
"""

import sqlalchemy as sa
from alembic import op

revision = "20261205_scores_without_terms"
down_revision = "20261204_lighter_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("party_score") as scores:
        scores.drop_column("terms")


def downgrade() -> None:
    op.add_column("party_score", sa.Column("terms", sa.Text(), server_default="[]", nullable=False))
    with op.batch_alter_table("party_score") as scores:
        scores.alter_column("terms", server_default=None)
