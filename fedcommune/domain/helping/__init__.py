"""Who helps with what a project or an organisation needs."""
