"""Who acts for which party, and the ways in: links of the bureau and of a merchant, QRs made offline, codes by SMS."""

from __future__ import annotations

from server.memberships.field_invitations import accept_field_invitation, field_invited
from server.memberships.invitations import (
    DELEGATION_LASTS,
    INVITATION_LASTS,
    accept_invitation,
    invited,
    issue_delegation,
    issue_invitation,
)
from server.memberships.members import (
    OUTSIDE,
    SIGN_IN_LASTS,
    Invited,
    Member,
    current,
    end,
    everybody_within,
    is_principal,
    join,
    let_in,
    member_in,
    members_of,
    memberships_of,
    parties_of,
    person_of_number,
    principal_of,
)
from server.memberships.models import Capacity, Membership
from server.memberships.phone_codes import CODE_LASTS, CodesUsedUp, CodeTooSoon, issue_code, use_code

__all__ = [
    "CODE_LASTS",
    "DELEGATION_LASTS",
    "INVITATION_LASTS",
    "OUTSIDE",
    "SIGN_IN_LASTS",
    "Capacity",
    "CodeTooSoon",
    "CodesUsedUp",
    "Invited",
    "Member",
    "Membership",
    "accept_field_invitation",
    "accept_invitation",
    "current",
    "end",
    "everybody_within",
    "field_invited",
    "invited",
    "is_principal",
    "issue_code",
    "issue_delegation",
    "issue_invitation",
    "join",
    "let_in",
    "member_in",
    "members_of",
    "memberships_of",
    "parties_of",
    "person_of_number",
    "principal_of",
    "use_code",
]
