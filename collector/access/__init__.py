"""Who may do what on the private surface: users, tokens and single sign-on, roles by dataset, sessions, and the audit log.

Other rooms use `access.private` and `access.identity` alone: their routes say what they need, their endpoints ask who is there,
and leave a line in the audit log.
"""
