"""The DHCP message: its fields and options as on the wire, and what the encoding alone must be."""
