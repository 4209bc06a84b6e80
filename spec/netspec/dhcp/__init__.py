"""DHCP for IPv4: messages, client, server and relay (RFC 2131, RFC 2132 and those that extend them)."""
