"""An op is found by its id and its bytes, a leaf by what it stands for: keys that grow in the order of time.

An index over hashes alone is written in another place each time, and all of it has to be at hand; the more is stored,
the more of it every record would have brought back to the disk.

Revision: 20261209_keys_in_order
Follows: 20261208_ledgers_by_day
"""

import sqlalchemy as sa
from alembic import op

revision = "20261209_keys_in_order"
down_revision = "20261208_ledgers_by_day"
branch_labels = None
depends_on = None

CLAIMS = sa.text("claims")


def upgrade() -> None:
    _key_ops_by(["op_id", "op_sha256"])
    op.drop_index("ix_op_op_id", "op")
    op.drop_index("ix_leaf_ref_id", "leaf")
    with op.batch_alter_table("leaf") as leaves:
        leaves.drop_constraint("uq_leaf_leaf_sha256", type_="unique")
        leaves.create_unique_constraint("uq_leaf_ref_id_leaf_sha256", ["ref_id", "leaf_sha256"])


def downgrade() -> None:
    with op.batch_alter_table("leaf") as leaves:
        leaves.drop_constraint("uq_leaf_ref_id_leaf_sha256", type_="unique")
        leaves.create_unique_constraint("uq_leaf_leaf_sha256", ["leaf_sha256"])
    op.create_index("ix_leaf_ref_id", "leaf", ["ref_id"])
    op.create_index("ix_op_op_id", "op", ["op_id"])
    _key_ops_by(["op_sha256"])


def _key_ops_by(columns: list[str]) -> None:
    """Give the table of ops another primary key; the index of claims is over a part of the rows and made anew."""
    op.drop_index("uq_op_claim", "op")
    with op.batch_alter_table("op") as ops:
        ops.drop_constraint("pk_op", type_="primary")
        ops.create_primary_key("pk_op", columns)
    op.create_index("uq_op_claim", "op", ["op_id"], unique=True, sqlite_where=CLAIMS, postgresql_where=CLAIMS)
