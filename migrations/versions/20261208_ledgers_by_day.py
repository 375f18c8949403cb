"""A party's ledger is read by day, and what settled an event beside it.

Revision: 20261208_ledgers_by_day
Follows: 20261207_device_states
"""

import sqlalchemy as sa
from alembic import op

revision = "20261208_ledgers_by_day"
down_revision = "20261207_device_states"
branch_labels = None
depends_on = None

SETTLING = sa.text("settles IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_credit_event_party_id_happened_on", "credit_event", ["party_id", "happened_on"])
    op.create_index(
        "ix_credit_event_settling", "credit_event", ["party_id"], sqlite_where=SETTLING, postgresql_where=SETTLING
    )
    op.drop_index("ix_credit_event_party_id", "credit_event")


def downgrade() -> None:
    op.create_index("ix_credit_event_party_id", "credit_event", ["party_id"])
    op.drop_index("ix_credit_event_settling", "credit_event")
    op.drop_index("ix_credit_event_party_id_happened_on", "credit_event")
