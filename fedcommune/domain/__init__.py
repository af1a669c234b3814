"""What people do together: one folder a subject, five floors a folder."""
