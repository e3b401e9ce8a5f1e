"""What carries messages out of the product."""
