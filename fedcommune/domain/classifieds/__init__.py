"""What people give, lend, exchange, sell or look for, and what projects need."""
