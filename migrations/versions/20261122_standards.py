"""The weights carried on a visit have rows of their own: the server judges by them as the phone does.

Revision: 20261122_standards
Follows: 20261121_first_light
"""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "20261122_standards"
down_revision = "20261121_first_light"
branch_labels = None
depends_on = None

VISIT = sa.table("visit", sa.column("id", sa.Uuid(as_uuid=False)), sa.column("op_id", sa.Uuid(as_uuid=False)))
OP = sa.table(
    "op",
    sa.column("op_id", sa.Uuid(as_uuid=False)),
    sa.column("claims", sa.Boolean()),
    sa.column("body", sa.LargeBinary()),
)


def upgrade() -> None:
    standard = op.create_table(
        "visit_standard",
        sa.Column("visit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("weight_class", sa.String(length=8), nullable=False),
        sa.Column("certificate_no", sa.String(length=60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_standard_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "place_in_list", name=op.f("pk_visit_standard")),
    )
    kept = sa.select(VISIT.c.id, OP.c.body).join(OP, sa.and_(OP.c.op_id == VISIT.c.op_id, OP.c.claims))
    for visit_id, body in op.get_bind().execute(kept).all():
        rows = [
            row | {"visit_id": visit_id, "place_in_list": number, "valid_until": date.fromisoformat(row["valid_until"])}
            for number, row in enumerate(json.loads(body)["standards"])
        ]
        op.bulk_insert(standard, rows)


def downgrade() -> None:
    op.drop_table("visit_standard")
