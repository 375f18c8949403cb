"""The database's numbered steps; ``PRAGMA user_version`` is the number of the last one taken.

A step once shipped is never changed: the next change is a new step. Columns that are searched hold public facts only
(numbers of stalls, names of shops and places, serials, codes, labels); every ``body`` is sealed with AES-256-GCM.
"""

NATIONAL_CODES = ("production_code", "repair_code", "verification_code")

_REGISTER = ", ".join(
    ("kind", "id", "rev", "round", "region", "place", "name", "serial", "label", "photo", *NATIONAL_CODES, "body")
)

STEPS: tuple[tuple[str, ...], ...] = (
    (
        # The key is wrapped by the PIN; failures and the next allowed try survive a restart.
        """CREATE TABLE vault (
            id INTEGER PRIMARY KEY CHECK (id = 1), derivation TEXT NOT NULL, wrapped BLOB NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0, failed_at INTEGER NOT NULL DEFAULT 0)""",
        # Small public facts as JSON: language, cursor, clock offset, times of the last sync.
        "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        # Sealed single things: who this phone and its person are.
        "CREATE TABLE kept (name TEXT PRIMARY KEY, body BLOB NOT NULL)",
        # Public signed documents: the key set and the list of void labels. Verified again whenever they are read.
        """CREATE TABLE document (
            name TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL, key_id INTEGER,
            signature TEXT NOT NULL)""",
        # What the server's register says, one row per thing, unknown kinds included.
        """CREATE TABLE register (
            kind TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, round INTEGER NOT NULL,
            region TEXT, place TEXT, name TEXT, serial TEXT, label INTEGER, photo TEXT, body BLOB NOT NULL,
            PRIMARY KEY (kind, id)) WITHOUT ROWID""",
        "CREATE INDEX register_label ON register (label) WHERE label IS NOT NULL",
        "CREATE INDEX register_place ON register (kind, place)",
        # The visit that is being made: saved at every reading.
        "CREATE TABLE draft (id TEXT PRIMARY KEY, saved_at TEXT NOT NULL, body BLOB NOT NULL)",
        # What was saved for good, and the signed operation that carries it; written in one transaction.
        """CREATE TABLE record (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT, name TEXT NOT NULL, made_at TEXT NOT NULL,
            day TEXT NOT NULL, op_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)""",
        """CREATE TABLE op (
            op_id TEXT PRIMARY KEY, device_seq INTEGER NOT NULL UNIQUE, person_id TEXT NOT NULL,
            prev TEXT NOT NULL, kind TEXT NOT NULL, depends_on TEXT NOT NULL, op_sha256 TEXT NOT NULL,
            signature BLOB NOT NULL, made_at TEXT NOT NULL, day TEXT NOT NULL, bytes INTEGER NOT NULL,
            state TEXT NOT NULL, has_receipt INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0, body BLOB NOT NULL, answer BLOB)""",
        "CREATE INDEX op_state ON op (state, device_seq)",
        "CREATE INDEX op_day ON op (day, device_seq)",
        # Every signed tree head this phone saw: phones are the log's witnesses.
        """CREATE TABLE tree_head (
            log_id TEXT NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL, signed_at TEXT NOT NULL,
            key_id INTEGER NOT NULL, signature TEXT NOT NULL, state TEXT NOT NULL, seen_at TEXT NOT NULL,
            PRIMARY KEY (log_id, size, root, signed_at)) WITHOUT ROWID""",
        # What the inspector must see and an administrator must clear up; never removed.
        """CREATE TABLE alarm (
            id INTEGER PRIMARY KEY, code TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL,
            UNIQUE (code, detail))""",
        # Photos lie beside the database as sealed files; the row follows the file.
        "CREATE TABLE photo (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL)",
    ),
    (
        # Tests of fuel nozzles that are being made: saved at every reading.
        "CREATE TABLE nozzle_draft (instrument TEXT PRIMARY KEY, saved_at TEXT NOT NULL, body BLOB NOT NULL)",
    ),
    (
        # The files that records name, on their way to the server: where each is sent to, and how much of it has come.
        """CREATE TABLE upload (
            sha256 TEXT NOT NULL, record TEXT NOT NULL, op_id TEXT NOT NULL REFERENCES op (op_id), kind TEXT NOT NULL,
            bytes INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, address TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER NOT NULL DEFAULT 0, answer BLOB, PRIMARY KEY (sha256, record))""",
        "CREATE INDEX upload_op ON upload (op_id)",
    ),
    (
        # The labelling day: where it is, what was used last, the instrument in hand; saved after every step.
        "CREATE TABLE labelling (id INTEGER PRIMARY KEY CHECK (id = 1), saved_at TEXT NOT NULL, body BLOB NOT NULL)",
        # Each label that this phone put on an instrument, with the operations that say so. The register hears of it
        # only when the server has told everybody.
        """CREATE TABLE filed (
            bind_op TEXT PRIMARY KEY REFERENCES op (op_id), register_op TEXT, verification_op TEXT,
            instrument TEXT NOT NULL, label INTEGER NOT NULL, serial TEXT NOT NULL, normal TEXT NOT NULL,
            maker TEXT NOT NULL, model TEXT NOT NULL, place TEXT NOT NULL, stall TEXT NOT NULL,
            document_no TEXT NOT NULL, day TEXT NOT NULL)""",
        "CREATE INDEX filed_label ON filed (label)",
        "CREATE INDEX filed_instrument ON filed (instrument)",
        "CREATE INDEX filed_normal ON filed (normal)",
        "CREATE INDEX filed_day ON filed (place, day)",
        # Serials are looked up as they are typed: without white space, in capitals.
        """CREATE INDEX register_serial ON register (upper(replace(serial, ' ', '')))
            WHERE kind = 'instrument' AND serial IS NOT NULL""",
    ),
    (
        # The national codes of newer scales, as they are looked up (``shared.national_codes.key``).
        *(f"ALTER TABLE register ADD COLUMN {name} TEXT" for name in NATIONAL_CODES),
        *(f"CREATE INDEX register_{name} ON register ({name}) WHERE {name} IS NOT NULL" for name in NATIONAL_CODES),
    ),
    (
        # What happened to a physical seal, as far as it is filled in: one for each person and position, kept as typed.
        """CREATE TABLE seal_draft (
            person TEXT NOT NULL, instrument TEXT NOT NULL, position TEXT NOT NULL, saved_at TEXT NOT NULL,
            body BLOB NOT NULL, PRIMARY KEY (person, instrument, position)) WITHOUT ROWID""",
        # By what a recorded one is found again: the instrument, and the number that was put there, in its normal form.
        """CREATE TABLE seal_move (
            op_id TEXT PRIMARY KEY REFERENCES op (op_id), instrument TEXT NOT NULL, number TEXT NOT NULL)""",
        "CREATE INDEX seal_move_instrument ON seal_move (instrument)",
        "CREATE INDEX seal_move_number ON seal_move (number)",
    ),
    (
        # Rescue packages that this phone carries for another: the file lies beside the database, sealed to the bureau.
        """CREATE TABLE carried (
            sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, taken_at TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER NOT NULL DEFAULT 0, answer BLOB) WITHOUT ROWID""",
    ),
    (
        # A photo that a person wants sent over whatever network there is.
        "ALTER TABLE upload ADD COLUMN is_urgent INTEGER NOT NULL DEFAULT 0",
        # What was refused and then edited and sent again: the new operation that says it.
        """CREATE TABLE revision (
            op_id TEXT PRIMARY KEY REFERENCES op (op_id), by_op TEXT NOT NULL REFERENCES op (op_id))""",
    ),
    (
        # Regions that come as snapshots: what is ordered, and of the first the bytes that have come, sealed.
        """CREATE TABLE refill (
            number INTEGER PRIMARY KEY, scope TEXT NOT NULL, url TEXT NOT NULL, sha256 TEXT NOT NULL,
            seq INTEGER NOT NULL, applied INTEGER NOT NULL DEFAULT 0, has_failed INTEGER NOT NULL DEFAULT 0)""",
        "CREATE TABLE refill_part (begins INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        # Which pictures are named, and where, without reading every row of a large register.
        "CREATE INDEX register_photo ON register (photo, place) WHERE photo IS NOT NULL",
    ),
    (
        # The register in a table with row numbers: without them a sealed row did not fit into a page beside its key,
        # and most of another page lay empty for each.
        "ALTER TABLE register RENAME TO register_before",
        f"""CREATE TABLE register (
            kind TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, round INTEGER NOT NULL,
            region TEXT, place TEXT, name TEXT, serial TEXT, label INTEGER, photo TEXT,
            {", ".join(f"{name} TEXT" for name in NATIONAL_CODES)}, body BLOB NOT NULL, PRIMARY KEY (kind, id))""",
        f"INSERT INTO register ({_REGISTER}) SELECT {_REGISTER} FROM register_before ORDER BY kind, id",  # noqa: S608
        "DROP TABLE register_before",
        "CREATE INDEX register_label ON register (label) WHERE label IS NOT NULL",
        "CREATE INDEX register_place ON register (kind, place)",
        """CREATE INDEX register_serial ON register (upper(replace(serial, ' ', '')))
            WHERE kind = 'instrument' AND serial IS NOT NULL""",
        *(f"CREATE INDEX register_{name} ON register ({name}) WHERE {name} IS NOT NULL" for name in NATIONAL_CODES),
        "CREATE INDEX register_photo ON register (photo, place) WHERE photo IS NOT NULL",
    ),
)
