"""People and their roles, sign-ins, phones and their tokens, memberships, acts, encrypted contacts.

Whoever was signed in signs in again: sessions and tokens of before have no name and no family. An administrator of
before becomes a system administrator, and everybody who was there stays let in.

Revision: 20261124_people
Follows: 20261123_stamped_heads
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_people"
down_revision = "20261123_stamped_heads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM access_token")
    op.execute("DELETE FROM sign_in")
    op.create_table(
        "act",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("by_person", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    op.create_index("ix_act_about_kind_about_id", "act", ["about_kind", "about_id"])
    op.create_index("ix_act_at", "act", ["at"])
    op.create_index("ix_act_kind", "act", ["kind"])
    op.create_table(
        "case_group",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_group")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_blind_index", "contact", ["blind_index"])
    op.create_index("ix_contact_owner_kind_owner_id", "contact", ["owner_kind", "owner_id"])
    op.create_table(
        "failed_sign_ins",
        sa.Column("name_hmac", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hmac", name=op.f("pk_failed_sign_ins")),
    )
    op.create_table(
        "phone_code",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
    )
    op.create_index("ix_phone_code_number_index", "phone_code", ["number_index"])
    op.create_table(
        "sealed_contact",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("delete_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_contact")),
    )
    op.create_index("ix_sealed_contact_group_id", "sealed_contact", ["group_id"])
    op.create_table(
        "quarantined_op",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_quarantined_op_device_id_device")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_quarantined_op")),
    )
    op.create_index("ix_quarantined_op_device_id", "quarantined_op", ["device_id"])
    op.create_table(
        "field_invitation",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("invited_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("accepted_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_field_invitation_accepted_by_person")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_field_invitation_device_id_device")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_field_invitation_invited_by_person")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_field_invitation_party_id_party")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_field_invitation")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("capacity", sa.String(length=20), nullable=False),
        sa.Column("granted_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_membership_granted_by_person")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_membership_party_id_party")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_party_id", "membership", ["party_id"])
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_table(
        "recusal",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("told_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_recusal_party_id_party")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recusal_person_id_person")),
        sa.ForeignKeyConstraint(["told_by"], ["person.id"], name=op.f("fk_recusal_told_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    op.create_index("ix_recusal_party_id", "recusal", ["party_id"])
    op.create_index("ix_recusal_person_id", "recusal", ["person_id"])
    op.create_table(
        "staff_invitation",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_staff_invitation_made_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_staff_invitation")),
    )
    op.create_index("ix_staff_invitation_person_id", "staff_invitation", ["person_id"])
    op.create_table(
        "token_family",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_token_family_device_id_device")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_family_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_family")),
    )
    op.create_index("ix_token_family_device_id", "token_family", ["device_id"])
    op.create_table(
        "refresh_token",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_family.id"], name=op.f("fk_refresh_token_family_id_token_family")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_refresh_token")),
    )
    op.create_index("ix_refresh_token_family_id", "refresh_token", ["family_id"])
    with op.batch_alter_table("access_token") as batch:
        batch.add_column(sa.Column("family_id", sa.Uuid(as_uuid=False), nullable=False))
        batch.create_index(batch.f("ix_access_token_family_id"), ["family_id"], unique=False)
        batch.create_foreign_key(
            batch.f("fk_access_token_family_id_token_family"), "token_family", ["family_id"], ["id"]
        )

    with op.batch_alter_table("device") as batch:
        batch.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("suspended_why", sa.String(length=20), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("wipe_told_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("invitation") as batch:
        batch.add_column(
            sa.Column("capacity", sa.String(length=20), nullable=False, server_default=sa.text("'principal'"))
        )
        batch.add_column(sa.Column("granted_by", sa.Uuid(as_uuid=False), nullable=True))
        batch.create_foreign_key(batch.f("fk_invitation_granted_by_person"), "person", ["granted_by"], ["id"])

    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("totp_step", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch.add_column(sa.Column("card_until", sa.Date(), nullable=True))
        batch.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column(
            "role", existing_type=sa.VARCHAR(length=20), type_=sa.String(length=30), existing_nullable=False
        )
    op.execute(
        "INSERT INTO membership (id, person_id, party_id, capacity, made_at) "
        "SELECT id, id, party_id, 'principal', CURRENT_TIMESTAMP FROM person WHERE party_id IS NOT NULL"
    )
    for table, column in (("device", "suspended_why"), ("invitation", "capacity"), ("person", "totp_step")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)
    op.execute("UPDATE person SET approved_at = CURRENT_TIMESTAMP")
    op.execute("UPDATE person SET role = 'system_administrator' WHERE role = 'administrator'")
    with op.batch_alter_table("person") as batch:
        batch.drop_index(batch.f("ix_person_party_id"))
        batch.drop_constraint(batch.f("fk_person_party_id_party"), type_="foreignkey")
        batch.drop_column("party_id")

    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("id", sa.Uuid(as_uuid=False), nullable=False))
        batch.add_column(sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True))
        batch.add_column(sa.Column("browser", sa.String(length=60), nullable=False))
        batch.add_column(sa.Column("is_whole", sa.Boolean(), nullable=False))
        batch.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))
        batch.create_unique_constraint(batch.f("uq_sign_in_id"), ["id"])
        batch.create_foreign_key(batch.f("fk_sign_in_party_id_party"), "party", ["party_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM access_token")
    op.execute("DELETE FROM sign_in")
    op.execute("UPDATE person SET role = 'administrator' WHERE role LIKE '%_administrator'")
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_constraint(batch.f("fk_sign_in_party_id_party"), type_="foreignkey")
        batch.drop_constraint(batch.f("uq_sign_in_id"), type_="unique")
        batch.drop_column("seen_at")
        batch.drop_column("is_whole")
        batch.drop_column("browser")
        batch.drop_column("party_id")
        batch.drop_column("id")

    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=True))
        batch.create_foreign_key(batch.f("fk_person_party_id_party"), "party", ["party_id"], ["id"])
        batch.create_index(batch.f("ix_person_party_id"), ["party_id"], unique=False)
        batch.alter_column(
            "role", existing_type=sa.String(length=30), type_=sa.VARCHAR(length=20), existing_nullable=False
        )
        batch.drop_column("approved_at")
        batch.drop_column("card_until")
        batch.drop_column("totp_step")
        batch.drop_column("totp_sealed")
    op.execute(
        "UPDATE person SET party_id = (SELECT party_id FROM membership WHERE membership.person_id = person.id "
        "AND ended_at IS NULL ORDER BY made_at, membership.id LIMIT 1)"
    )

    with op.batch_alter_table("invitation") as batch:
        batch.drop_constraint(batch.f("fk_invitation_granted_by_person"), type_="foreignkey")
        batch.drop_column("granted_by")
        batch.drop_column("capacity")

    with op.batch_alter_table("device") as batch:
        batch.drop_column("wipe_told_at")
        batch.drop_column("suspended_why")
        batch.drop_column("suspended_at")
        batch.drop_column("seen_at")

    with op.batch_alter_table("access_token") as batch:
        batch.drop_constraint(batch.f("fk_access_token_family_id_token_family"), type_="foreignkey")
        batch.drop_index(batch.f("ix_access_token_family_id"))
        batch.drop_column("family_id")

    op.drop_table("refresh_token")
    op.drop_table("token_family")
    op.drop_table("staff_invitation")
    op.drop_table("recusal")
    op.drop_table("membership")
    op.drop_table("field_invitation")
    op.drop_table("quarantined_op")
    op.drop_table("sealed_contact")
    op.drop_table("phone_code")
    op.drop_table("failed_sign_ins")
    op.drop_table("contact")
    op.drop_table("case_group")
    op.drop_table("act")
