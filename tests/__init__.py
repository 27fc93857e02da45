"""The tests; folders mirror the packages of the product."""
