-- The rights of the role that the server runs as, on PostgreSQL: it reads and writes what it must, but what was logged
-- it can only add to. Applied by 'dingpan database-role NAME', as the owner of the tables, after every 'migrate'.
-- :role is put in by the command. Nothing here takes anything from the owner: keep the owner's password elsewhere.

GRANT USAGE ON SCHEMA public TO :role;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :role;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :role;

-- The log, and the operations as they came.
REVOKE UPDATE, DELETE, TRUNCATE ON leaf, tree_node, log_state, op, stamped_head FROM :role;
-- The size grows; one row stays one row.
REVOKE INSERT ON log_state FROM :role;
GRANT UPDATE (size, feed_seq, feed_horizon) ON log_state TO :role;
-- An operation that comes late closes the gap that the next one of its device had.
GRANT UPDATE (is_chained) ON op TO :role;
-- The version of the tables is the owner's to change.
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM :role;
