"""Every row of a region says so, and the feed knows which tombstones it has let go; phones read it anew once.

Revision: 20261206_refills
Follows: 20261205_scores_without_terms
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261206_refills"
down_revision = "20261205_scores_without_terms"
branch_labels = None
depends_on = None

WITHOUT = ("stall", "party", "task")


def upgrade() -> None:
    op.add_column("log_state", sa.Column("feed_horizon", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("log_state") as state:
        state.alter_column("feed_horizon", server_default=None)
    change = sa.table("change", *(sa.column(name, sa.String) for name in ("kind", "scope", "body")))
    rest = sa.func.substr(change.c.body, 2)
    with_region = sa.literal('{"region":"') + change.c.scope + sa.literal('",') + rest
    are_without = change.c.kind.in_(WITHOUT) & change.c.body.is_not(None) & change.c.body.not_like('{"region":%')
    op.execute(change.update().where(are_without).values(body=with_region))
    _begin_anew()


def downgrade() -> None:
    """Leave the regions where they are: whoever does not look for them passes them over."""
    with op.batch_alter_table("log_state") as state:
        state.drop_column("feed_horizon")
    _begin_anew()


def _begin_anew() -> None:
    state = sa.table("log_state", sa.column("feed_epoch"))
    op.execute(state.update().values(feed_epoch=secrets.token_hex(4)))
