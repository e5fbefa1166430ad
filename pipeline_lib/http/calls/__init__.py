"""The endpoints, a module a matter: each reads, decides by the domain, keeps and answers."""
