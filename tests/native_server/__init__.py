"""A ClickHouse server for tests: the server side of the native TCP protocol, executing on chDB.

It runs in a process of its own (`python -m tests.native_server --path DIR`), because a process can open only one chDB folder.
"""
