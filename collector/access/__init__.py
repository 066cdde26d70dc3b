"""Who may use the private surface: a bearer token for programs, a one-time link or the token for people, a session cookie after."""

from collector.access.credentials import SESSION_SECONDS, TOKEN_FILE, Access, admin_token
from collector.access.login import login_endpoints
from collector.access.surface import PrivateSurface

__all__ = ["SESSION_SECONDS", "TOKEN_FILE", "Access", "PrivateSurface", "admin_token", "login_endpoints"]
