"""Compiles dashboard definitions into dashboards of Grafana, which ask ClickHouse the same SQL as the collector does."""
