"""Channels: how people are told. One file a kind; `load` reads them from `channels.yaml`."""
