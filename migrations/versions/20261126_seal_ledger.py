"""Every move of a label is an event, and what happened to physical seals has a table.

Labels of before get one opening event for each run of the same region and state, so that the counts add up from the
start. Of whom they are is not known: a store or a person without an id.

Revision: 20261126_seal_ledger
Follows: 20261125_handed_over
"""

import os
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from shared.ids import uuid7

revision = "20261126_seal_ledger"
down_revision = "20261125_handed_over"
branch_labels = None
depends_on = None

HOLDERS = {"ordered": "printer", "printed": "store", "returned": "store", "issued": "person", "applied": "instrument"}
GONE = "gone"


def upgrade() -> None:
    op.add_column("seal", sa.Column("holder", sa.String(length=48), server_default=sa.text("''"), nullable=False))
    op.add_column("seal", sa.Column("step", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_seal_holder", "seal", ["holder", "serial"])
    events = op.create_table(
        "seal_event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("last_serial", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("from_holder", sa.String(length=48), nullable=True),
        sa.Column("to_holder", sa.String(length=48), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("by_person", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("first_serial <= last_serial", name=op.f("ck_seal_event_range")),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_seal_event_instrument_id_instrument")
        ),
        sa.ForeignKeyConstraint(["by_person"], ["person.id"], name=op.f("fk_seal_event_by_person_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_event")),
    )
    op.create_index("ix_seal_event_range", "seal_event", ["first_serial", "last_serial"])
    op.create_index("ix_seal_event_region", "seal_event", ["region"])
    op.create_index("ix_seal_event_instrument_id", "seal_event", ["instrument_id"])
    op.create_table(
        "physical_seal_event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.String(length=24), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("old_number", sa.String(length=40), nullable=False),
        sa.Column("new_number", sa.String(length=40), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("witnesses", sa.String(length=400), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("is_other", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("by_person", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_physical_seal_event_instrument_id_instrument")
        ),
        sa.ForeignKeyConstraint(["by_person"], ["person.id"], name=op.f("fk_physical_seal_event_by_person_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physical_seal_event")),
    )
    op.create_index("ix_physical_seal_event_at", "physical_seal_event", ["instrument_id", "at"])
    _open_the_ledger(events)


def _open_the_ledger(events: sa.Table) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    connection = op.get_bind()
    known = connection.execute(sa.text("SELECT serial, region, state FROM seal ORDER BY serial")).all()
    runs = groupby(enumerate(known), key=lambda at: (at[1].region, at[1].state, at[1].serial - at[0]))
    rows = []
    for (region, state, _), run in runs:
        serials = [label.serial for _, label in run]
        rows.append(
            {
                "id": uuid7(int(now.timestamp() * 1000), os.urandom(10)),
                "first_serial": serials[0],
                "last_serial": serials[-1],
                "region": region,
                "kind": state,
                "to_holder": HOLDERS.get(state, GONE),
                "step": 1,
                "at": now,
                "note": "",
            }
        )
    op.bulk_insert(events, rows)
    for state, holder in HOLDERS.items():
        connection.execute(sa.text("UPDATE seal SET holder = :h WHERE state = :s").bindparams(h=holder, s=state))
    connection.execute(sa.text("UPDATE seal SET step = 1, holder = CASE holder WHEN '' THEN 'gone' ELSE holder END"))


def downgrade() -> None:
    op.drop_table("physical_seal_event")
    op.drop_table("seal_event")
    op.drop_index("ix_seal_holder", "seal")
    op.drop_column("seal", "step")
    op.drop_column("seal", "holder")
