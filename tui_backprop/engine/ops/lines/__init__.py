"""What a line of elements, all of them or those along some axes, comes to, beyond sum and mean."""
