"""The inspector's phone: checks labels and scales with no network, keeps every record, and sends them with proof."""
