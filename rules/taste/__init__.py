"""What fits whom: what members want, what there is, and which of it to offer."""
