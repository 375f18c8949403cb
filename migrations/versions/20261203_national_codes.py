"""An instrument keeps the national identity codes that it bears: of its maker, of a repairer, of the verification body.

Revision: 20261203_national_codes
Follows: 20261202_moves_and_strays
"""

import sqlalchemy as sa
from alembic import op

revision = "20261203_national_codes"
down_revision = "20261202_moves_and_strays"
branch_labels = None
depends_on = None

CODES = ("production_code", "repair_code", "verification_code")


def upgrade() -> None:
    for name in CODES:
        op.add_column("instrument", sa.Column(name, sa.String(length=300), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("instrument") as table:
        for name in reversed(CODES):
            table.drop_column(name)
