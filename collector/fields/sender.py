"""Who sent the event: browser, device, network, and the beacon script itself."""

from __future__ import annotations

from typing import Final

from collector.fields.model import NETWORK, OTEL, boolean, group, ms, number, string

DEVICE: Final = group(
    "Browser and device",
    string("browser.name", "The browser.", origin="collector", source=OTEL + "browser/"),
    string("browser.version", "Its major version.", origin="collector"),
    string("os.name", "The operating system.", origin="collector", source=OTEL + "os/"),
    string("os.version", "Its major version.", origin="collector", source=OTEL + "os/"),
    string("device.type", "desktop, mobile, tablet, tv or other.", origin="collector"),
    string("device.manufacturer", "The device's maker.", origin="collector", source=OTEL + "device/"),
    string("device.model.name", "The device's model.", origin="collector", source=OTEL + "device/"),
    boolean("user_agent.is_bot", "No person: the user agent says that it is a robot, or a check opened the page (check.run_id).",
            origin="collector"),
    string("geo.country.iso_code", "The country: from the address, which is then dropped, where a country database is "
           "configured; else what the sender says.", high=2, source=OTEL + "geo/"),
    boolean("browser.webdriver", "The browser is driven by a program.",
            source="https://www.w3.org/TR/webdriver2/#interface"),
    string("browser.language", "The preferred language.", high=35, source=OTEL + "browser/"),
    string("browser.time_zone", "The time zone, such as Europe/Berlin.", high=64),
    number("browser.width", "Width of the viewport.", unit="px"),
    number("browser.height", "Height of the viewport.", unit="px"),
    string("browser.color_scheme", "The preferred colours: light or dark."),
    boolean("browser.reduced_motion", "The visitor prefers less motion."),
    number("screen.width", "Width of the screen.", unit="px"),
    number("screen.height", "Height of the screen.", unit="px"),
    number("screen.pixel_ratio", "Device pixels per CSS pixel."),
    string("screen.orientation", "The screen's orientation, such as portrait-primary.", high=32),
    number("device.memory", "Memory of the device, rounded by the browser.", unit="GiB",
           source="https://www.w3.org/TR/device-memory/"),
    number("device.cores", "Logical processors."),
    number("device.cpu_performance", "The class of the processor's speed, as the browser tells it, the fastest highest.",
           source="https://github.com/WICG/cpu-performance"),
    string("network.effective_type", "slow-2g, 2g, 3g or 4g.", high=16, source=NETWORK),
    string("network.type", "wifi, cellular, … where the browser tells.", high=16, source=NETWORK),
    ms("network.rtt", "Round-trip time, rounded by the browser.", source=NETWORK),
    number("network.downlink", "Bandwidth, rounded by the browser.", unit="Mbit/s", source=NETWORK),
    boolean("network.save_data", "The visitor asks for less data.", source=NETWORK),
)  # fmt: skip

BEACON: Final = group(
    "Beacon",
    string("beacon.version", "The version of the script.", high=32),
    string("beacon.trigger", "Why this snapshot was sent: arm, quiet, hidden, pagehide, route, flush or retry.", high=32),
    string("beacon.transport", "How it was sent: fetch-later, send-beacon or fetch.", high=32),
    ms("beacon.started_at", "When the script began to run, since the navigation began."),
    string("beacon.cut", "What was left out to keep the beacon small, separated by commas."),
    number("beacon.exception_count", "Exceptions within the script itself."),
)  # fmt: skip
