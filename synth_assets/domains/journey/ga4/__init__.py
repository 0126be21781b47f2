"""The shop's Google Analytics 4 export: made here, or copied from BigQuery's public sample."""
