"""Who may do what: users who sign in, clients with keys, their roles and rights."""
