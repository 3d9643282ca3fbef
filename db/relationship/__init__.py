"""Where members stand."""
