"""The network: several hosts, and the medium that carries messages between them."""
