"""The shop's Google Analytics 4 export: generated, or copied from BigQuery's public sample."""
