"""First light: the register, field records, credit, sync, log and public records.

Revision: 20261121_first_light
Follows:
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261121_first_light"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=6), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", "scope", name=op.f("pk_change")),
        sa.UniqueConstraint("seq", name=op.f("uq_change_seq")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_scope_seq", ["scope", "seq"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("ref_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("salted_sha256", sa.String(length=64), nullable=False),
        sa.Column("leaf_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_leaf")),
        sa.UniqueConstraint("leaf_sha256", name=op.f("uq_leaf_leaf_sha256")),
    )
    with op.batch_alter_table("leaf", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leaf_ref_id"), ["ref_id"], unique=False)

    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log_id", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("feed_epoch", sa.String(length=16), nullable=False),
        sa.Column("feed_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("parent", sa.String(length=6), nullable=True),
        sa.Column("is_local", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["region.code"], name=op.f("fk_region_parent_region")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "tree_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_tree_node")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_table(
        "op",
        sa.Column("op_sha256", sa.String(length=64), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("claims", sa.Boolean(), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("record_kind", sa.String(length=64), nullable=True),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("is_chained", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_body", sa.Text(), nullable=False),
        sa.Column("receipt_key_id", sa.Integer(), nullable=False),
        sa.Column("receipt_signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_op_device_id_device")),
        sa.PrimaryKeyConstraint("op_sha256", name=op.f("pk_op")),
    )
    with op.batch_alter_table("op", schema=None) as batch_op:
        batch_op.create_index("ix_op_device_seq", ["device_id", "device_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_op_op_id"), ["op_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_op_received_at"), ["received_at"], unique=False)
        batch_op.create_index("ix_op_record", ["record_kind", "record_id"], unique=False)
        batch_op.create_index(
            "uq_op_claim", ["op_id"], unique=True, sqlite_where=sa.text("claims"), postgresql_where=sa.text("claims")
        )

    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("identity_kind", sa.String(length=20), nullable=False),
        sa.Column("public_code", sa.String(length=32), nullable=True),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_party_region_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_public_code"), ["public_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_party_region"), ["region"], unique=False)

    op.create_table(
        "unit_region",
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_region_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "region", name=op.f("pk_unit_region")),
    )
    op.create_table(
        "credit_event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("objection_until", sa.Date(), nullable=True),
        sa.Column("settles", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("source_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("document_no", sa.String(length=60), nullable=True),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_credit_event_party_id_party")),
        sa.ForeignKeyConstraint(["settles"], ["credit_event.id"], name=op.f("fk_credit_event_settles_credit_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_event")),
        sa.UniqueConstraint("settles", "state", name=op.f("uq_credit_event_settles_state")),
        sa.UniqueConstraint("source_id", "code", "state", name=op.f("uq_credit_event_source_id_code_state")),
    )
    with op.batch_alter_table("credit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_event_party_id"), ["party_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_invitation_party_id_party")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_invitation")),
    )
    op.create_table(
        "party_score",
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_score_party_id_party")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_party_score")),
    )
    with op.batch_alter_table("party_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_score_grade"), ["grade"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("sign_in_name", sa.String(length=60), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("card_no", sa.String(length=40), nullable=False),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_person_party_id_party")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_person_sign_in_name")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("operator_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("phone_zone", sa.String(length=16), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["party.id"], name=op.f("fk_place_operator_id_party")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_place_region_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_region"), ["region"], unique=False)

    op.create_table(
        "access_token",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_access_token_device_id_device")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id_person")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_access_token")),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("corrects", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_corrects"), ["corrects"], unique=False)

    op.create_table(
        "device_person",
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_person_device_id_device")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_device_person_person_id_person")),
        sa.PrimaryKeyConstraint("device_id", "person_id", name=op.f("pk_device_person")),
    )
    op.create_table(
        "dispenser",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("board_no", sa.String(length=60), nullable=False),
        sa.Column("encoder_no", sa.String(length=60), nullable=False),
        sa.Column("processor_no", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_dispenser_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispenser")),
    )
    with op.batch_alter_table("dispenser", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispenser_place_id"), ["place_id"], unique=False)

    op.create_table(
        "enrolment_code",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_code_person_id_person")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "instrument",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("own_no", sa.String(length=60), nullable=True),
        sa.Column("maker", sa.String(length=120), nullable=True),
        sa.Column("model", sa.String(length=60), nullable=True),
        sa.Column("use", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("place_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("price_computing", sa.Boolean(), nullable=False),
        sa.Column("max_mg", sa.BigInteger(), nullable=True),
        sa.Column("min_mg", sa.BigInteger(), nullable=True),
        sa.Column("e_mg", sa.BigInteger(), nullable=True),
        sa.Column("d_mg", sa.BigInteger(), nullable=True),
        sa.Column("accuracy_class", sa.String(length=4), nullable=True),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_instrument_place_id_place")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_instrument_region_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument")),
    )
    with op.batch_alter_table("instrument", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instrument_photo_sha256"), ["photo_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_instrument_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_instrument_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_instrument_serial"), ["serial"], unique=False)

    op.create_table(
        "pledge",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("signer_name", sa.String(length=60), nullable=False),
        sa.Column("strokes", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_pledge_party_id_party")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pledge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("number", name=op.f("uq_pledge_number")),
    )
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_party_id"), ["party_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "stall",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stall_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall")),
    )
    with op.batch_alter_table("stall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stall_place_id"), ["place_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("approval_no", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("civil_day", sa.Date(), nullable=False),
        sa.Column("clock_offset_s", sa.BigInteger(), nullable=True),
        sa.Column("clock_doubt_s", sa.BigInteger(), nullable=True),
        sa.Column("card_shown", sa.Boolean(), nullable=False),
        sa.Column("recusal_told", sa.Boolean(), nullable=False),
        sa.Column("irregular", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_visit_place_id_place")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("op_id", name=op.f("uq_visit_op_id")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_civil_day"), ["civil_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "custody",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("stall_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_custody_instrument_id_instrument")),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_custody_owner_id_party")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_custody_stall_id_stall")),
        sa.ForeignKeyConstraint(["user_id"], ["party.id"], name=op.f("fk_custody_user_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
    )
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.create_index("ix_custody_current", ["instrument_id", "last_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_user_id"), ["user_id"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("visit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("party_name", sa.String(length=120), nullable=False),
        sa.Column("stall_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("disposition", sa.String(length=32), nullable=False),
        sa.Column("not_inspected", sa.String(length=16), nullable=True),
        sa.Column("remark", sa.String(length=2000), nullable=False),
        sa.Column("party_remark", sa.String(length=2000), nullable=False),
        sa.Column("signer_name", sa.String(length=60), nullable=True),
        sa.Column("signature_refused", sa.Boolean(), nullable=False),
        sa.Column("strokes", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_inspection_party_id_party")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_inspection_stall_id_stall")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_inspection_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "instrument_status",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_instrument_status_instrument_id_instrument")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_status")),
    )
    with op.batch_alter_table("instrument_status", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instrument_status_instrument_id"), ["instrument_id"], unique=False)

    op.create_table(
        "meter",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("dispenser_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["dispenser_id"], ["dispenser.id"], name=op.f("fk_meter_dispenser_id_dispenser")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter")),
    )
    with op.batch_alter_table("meter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meter_dispenser_id"), ["dispenser_id"], unique=False)

    op.create_table(
        "participant",
        sa.Column("visit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.String(length=16), nullable=False),
        sa.Column("card_no", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_participant_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name=op.f("pk_participant")),
    )
    op.create_table(
        "public_record",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_public_record_instrument_id_instrument")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_public_record")),
    )
    with op.batch_alter_table("public_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_record_instrument_id"), ["instrument_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_public_record_photo_sha256"), ["photo_sha256"], unique=False)

    op.create_table(
        "seal",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=133), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_seal_instrument_id_instrument")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_seal")),
        sa.UniqueConstraint("text", name=op.f("uq_seal_text")),
    )
    with op.batch_alter_table("seal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_instrument_id"), ["instrument_id"], unique=False)

    op.create_table(
        "seal_binding",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_seal_binding_instrument_id_instrument")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seal_binding_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_binding")),
    )
    with op.batch_alter_table("seal_binding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_binding_instrument_id"), ["instrument_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seal_binding_serial"), ["serial"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("place_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("assigned_to", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["person.id"], name=op.f("fk_task_assigned_to_person")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_task_instrument_id_instrument")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_task_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_assigned_to"), ["assigned_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "tenancy",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("stall_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_tenancy_party_id_party")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_tenancy_stall_id_stall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenancy")),
    )
    with op.batch_alter_table("tenancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tenancy_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tenancy_stall_id"), ["stall_id"], unique=False)

    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("document_no", sa.String(length=60), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["unit.id"], name=op.f("fk_verification_body_id_unit")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_verification_entered_by_person")),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["instrument.id"], name=op.f("fk_verification_instrument_id_instrument")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint("body_id", "document_no", name=op.f("uq_verification_body_id_document_no")),
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verification_instrument_id"), ["instrument_id"], unique=False)

    op.create_table(
        "check",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("inspection_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("custody_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("label", sa.String(length=133), nullable=True),
        sa.Column("label_verdict", sa.String(length=32), nullable=True),
        sa.Column("photo_matches", sa.Boolean(), nullable=True),
        sa.Column("tested_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("civil_day", sa.Date(), nullable=False),
        sa.Column("max_mg", sa.BigInteger(), nullable=False),
        sa.Column("min_mg", sa.BigInteger(), nullable=False),
        sa.Column("e_mg", sa.BigInteger(), nullable=False),
        sa.Column("d_mg", sa.BigInteger(), nullable=False),
        sa.Column("accuracy_class", sa.String(length=4), nullable=False),
        sa.Column("price_computing", sa.Boolean(), nullable=False),
        sa.Column("device_verdict", sa.String(length=16), nullable=False),
        sa.Column("device_ruleset", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["custody_id"], ["custody.id"], name=op.f("fk_check_custody_id_custody")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_check_inspection_id_inspection")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_check_instrument_id_instrument")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check")),
    )
    with op.batch_alter_table("check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_civil_day"), ["civil_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_instrument_id"), ["instrument_id"], unique=False)

    op.create_table(
        "nozzle",
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("meter_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_nozzle_instrument_id_instrument")),
        sa.ForeignKeyConstraint(["meter_id"], ["meter.id"], name=op.f("fk_nozzle_meter_id_meter")),
        sa.PrimaryKeyConstraint("instrument_id", name=op.f("pk_nozzle")),
    )
    with op.batch_alter_table("nozzle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nozzle_meter_id"), ["meter_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("check_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instrument_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("suspected_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("verification_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name=op.f("fk_finding_check_id_check")),
        sa.ForeignKeyConstraint(["instrument_id"], ["instrument.id"], name=op.f("fk_finding_instrument_id_instrument")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_finding_party_id_party")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_finding_verification_id_verification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("check_id", name=op.f("uq_finding_check_id")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_instrument_id"), ["instrument_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_party_id"), ["party_id"], unique=False)

    op.create_table(
        "reading",
        sa.Column("check_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_in_list", sa.Integer(), nullable=False),
        sa.Column("load_mg", sa.BigInteger(), nullable=False),
        sa.Column("shown_mg", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["check.id"], name=op.f("fk_reading_check_id_check")),
        sa.PrimaryKeyConstraint("check_id", "place_in_list", name=op.f("pk_reading")),
    )
    _begin_log()


def _begin_log() -> None:
    """Name the log and the feed; both begin empty."""
    table = sa.table(
        "log_state",
        *(sa.column(name) for name in ("id", "log_id", "size", "feed_epoch", "feed_seq")),
    )
    row = {"id": 1, "log_id": secrets.token_hex(16), "size": 0, "feed_epoch": secrets.token_hex(4), "feed_seq": 0}
    op.bulk_insert(table, [row])


def downgrade() -> None:
    op.drop_table("reading")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_party_id"))
        batch_op.drop_index(batch_op.f("ix_finding_instrument_id"))

    op.drop_table("finding")
    with op.batch_alter_table("nozzle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nozzle_meter_id"))

    op.drop_table("nozzle")
    with op.batch_alter_table("check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_instrument_id"))
        batch_op.drop_index(batch_op.f("ix_check_inspection_id"))
        batch_op.drop_index(batch_op.f("ix_check_civil_day"))

    op.drop_table("check")
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verification_instrument_id"))

    op.drop_table("verification")
    with op.batch_alter_table("tenancy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tenancy_stall_id"))
        batch_op.drop_index(batch_op.f("ix_tenancy_party_id"))

    op.drop_table("tenancy")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_subject_id"))
        batch_op.drop_index(batch_op.f("ix_task_state"))
        batch_op.drop_index(batch_op.f("ix_task_region"))
        batch_op.drop_index(batch_op.f("ix_task_assigned_to"))

    op.drop_table("task")
    with op.batch_alter_table("seal_binding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seal_binding_serial"))
        batch_op.drop_index(batch_op.f("ix_seal_binding_instrument_id"))

    op.drop_table("seal_binding")
    with op.batch_alter_table("seal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seal_instrument_id"))

    op.drop_table("seal")
    with op.batch_alter_table("public_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_public_record_photo_sha256"))
        batch_op.drop_index(batch_op.f("ix_public_record_instrument_id"))

    op.drop_table("public_record")
    op.drop_table("participant")
    with op.batch_alter_table("meter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meter_dispenser_id"))

    op.drop_table("meter")
    with op.batch_alter_table("instrument_status", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instrument_status_instrument_id"))

    op.drop_table("instrument_status")
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_visit_id"))
        batch_op.drop_index(batch_op.f("ix_inspection_party_id"))

    op.drop_table("inspection")
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_user_id"))
        batch_op.drop_index("ix_custody_current")

    op.drop_table("custody")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_unit_id"))
        batch_op.drop_index(batch_op.f("ix_visit_place_id"))
        batch_op.drop_index(batch_op.f("ix_visit_civil_day"))

    op.drop_table("visit")
    with op.batch_alter_table("stall", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stall_place_id"))

    op.drop_table("stall")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pledge_party_id"))

    op.drop_table("pledge")
    with op.batch_alter_table("instrument", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instrument_serial"))
        batch_op.drop_index(batch_op.f("ix_instrument_region"))
        batch_op.drop_index(batch_op.f("ix_instrument_place_id"))
        batch_op.drop_index(batch_op.f("ix_instrument_photo_sha256"))

    op.drop_table("instrument")
    op.drop_table("enrolment_code")
    with op.batch_alter_table("dispenser", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispenser_place_id"))

    op.drop_table("dispenser")
    op.drop_table("device_person")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_corrects"))

    op.drop_table("correction")
    op.drop_table("access_token")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_region"))

    op.drop_table("place")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_unit_id"))
        batch_op.drop_index(batch_op.f("ix_person_party_id"))

    op.drop_table("person")
    with op.batch_alter_table("party_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_score_grade"))

    op.drop_table("party_score")
    op.drop_table("invitation")
    with op.batch_alter_table("credit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_event_party_id"))

    op.drop_table("credit_event")
    op.drop_table("unit_region")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_region"))
        batch_op.drop_index(batch_op.f("ix_party_public_code"))

    op.drop_table("party")
    with op.batch_alter_table("op", schema=None) as batch_op:
        batch_op.drop_index("uq_op_claim", sqlite_where=sa.text("claims"), postgresql_where=sa.text("claims"))
        batch_op.drop_index("ix_op_record")
        batch_op.drop_index(batch_op.f("ix_op_received_at"))
        batch_op.drop_index(batch_op.f("ix_op_op_id"))
        batch_op.drop_index("ix_op_device_seq")

    op.drop_table("op")
    op.drop_table("unit")
    op.drop_table("tree_node")
    op.drop_table("region")
    op.drop_table("log_state")
    with op.batch_alter_table("leaf", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leaf_ref_id"))

    op.drop_table("leaf")
    op.drop_table("device")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_scope_seq")

    op.drop_table("change")
