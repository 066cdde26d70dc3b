"""Data folders of released versions, which every later version has to take over.

At a release, `python -m tests.upgrade` in the released checkout writes `tests/upgrade/VERSION.tar.xz` (some 25 KB), which is
committed and stays for ever. `tests/upgrade/test_upgrade.py` starts the collector of today on a copy of each.
"""
