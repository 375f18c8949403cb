"""PostgreSQL keeps the records and words of labels' pages in LZ4, which is read several times as fast as its own way.

What is there already is read as it was written, and kept anew when it changes. Where PostgreSQL was built without LZ4,
nothing changes.

Revision: 20261204_lighter_records
Follows: 20261203_national_codes
"""

import sqlalchemy as sa
from alembic import op

revision = "20261204_lighter_records"
down_revision = "20261203_national_codes"
branch_labels = None
depends_on = None

KNOWN = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


QUICK = (
    "ALTER TABLE public_record ALTER COLUMN body SET COMPRESSION lz4",
    "ALTER TABLE public_record ALTER COLUMN words SET COMPRESSION lz4",
)
OWN = (
    "ALTER TABLE public_record ALTER COLUMN body SET COMPRESSION pglz",
    "ALTER TABLE public_record ALTER COLUMN words SET COMPRESSION pglz",
)


def upgrade() -> None:
    if _is_known():
        for statement in QUICK:
            op.execute(statement)


def downgrade() -> None:
    if _is_known():
        for statement in OWN:
            op.execute(statement)


def _is_known() -> bool:
    connection = op.get_bind()
    return connection.dialect.name == "postgresql" and bool(connection.scalar(sa.text(KNOWN)))
