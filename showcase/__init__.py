"""A made-up workshop's data, and photographs of every page with them."""
