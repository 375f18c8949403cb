"""Ledgers that were taken in, and what each of their rows did; a verification tells the ledger it was copied from.

Revision: 20261128_register_import
Follows: 20261127_scans
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_register_import"
down_revision = "20261127_scans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_import",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=True),
        sa.Column("bad", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_import_unit_id_unit")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_register_import_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_import")),
    )
    op.create_index("ix_register_import_unit_id", "register_import", ["unit_id"])
    op.create_table(
        "register_import_row",
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=24), nullable=False),
        sa.Column("row_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["register_import.id"], name=op.f("fk_register_import_row_import_id_register_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "place_in_list", name=op.f("pk_register_import_row")),
    )
    op.create_index("ix_register_import_row_about", "register_import_row", ["table_name", "row_id"])
    with op.batch_alter_table("verification") as table:
        table.add_column(sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=True))
        table.create_foreign_key(
            op.f("fk_verification_import_id_register_import"), "register_import", ["import_id"], ["id"]
        )
        table.create_index(op.f("ix_verification_import_id"), ["import_id"])


def downgrade() -> None:
    with op.batch_alter_table("verification") as table:
        table.drop_index(op.f("ix_verification_import_id"))
        table.drop_constraint(op.f("fk_verification_import_id_register_import"), type_="foreignkey")
        table.drop_column("import_id")
    op.drop_table("register_import_row")
    op.drop_table("register_import")
