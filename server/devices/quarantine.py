"""What suspended phones sent: kept as it came, once for each op, and judged by nobody.

Evidence is not thrown away with a lost phone. When the phone is let in again it sends its records itself, and they are
taken in as any other; the rows here stay.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.devices.models import Device, QuarantinedOp
from shared.ops import Op

log = structlog.get_logger(__name__)

MOST_OPS = 5_000


def put_aside(session: Session, device: Device, op: Op, op_sha256: str, wire: bytes, now: datetime) -> bool:
    """Keep an op that a suspended device sent, once; False when the device has left as much as it may."""
    if session.get(QuarantinedOp, op_sha256) is not None:
        return True
    of_device = select(func.count()).select_from(QuarantinedOp).where(QuarantinedOp.device_id == device.id)
    if (session.scalar(of_device) or 0) >= MOST_OPS:
        log.warning("quarantine_full", device_id=device.id)
        return False
    about = {"device_id": device.id, "op_id": op.op_id, "kind": op.kind}
    session.add(QuarantinedOp(sha256=op_sha256, wire=wire, received_at=now, **about))
    return True
