"""Files of rules, `alerts/**/*.alert.yaml`, and of channels, `alerts/channels.yaml`."""
