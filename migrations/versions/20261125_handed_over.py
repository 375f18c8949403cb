"""When a phone went to somebody else; until then everybody who ever enrolled one could act through it.

Of those who share a phone, whoever enrolled it last has it.

Revision: 20261125_handed_over
Follows: 20261124_people
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_handed_over"
down_revision = "20261124_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device_person", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE device_person SET ended_at = (SELECT max(later.enrolled_at) FROM device_person AS later"
        " WHERE later.device_id = device_person.device_id AND later.enrolled_at > device_person.enrolled_at)"
    )


def downgrade() -> None:
    op.drop_column("device_person", "ended_at")
