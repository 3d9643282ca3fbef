"""Points, orders, goods, imports."""
