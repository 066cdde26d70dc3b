"""The demo: a small site that shows every vital (`site/`), and days of believable traffic (`wideload demo`)."""
