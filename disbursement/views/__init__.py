"""Pages: `cards`, `card_import`, `awards`, `batches`, `steps` of a batch, `papers`, `ledger`."""
