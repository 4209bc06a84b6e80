"""DHCP without its wire format: small records and discrete time, for checking all runs of small networks.

Clients, servers and relays are transition functions; `composition` puts them on a medium.  The names are those of
RFC 2131, figure 5 and tables 3 to 5.  Where a function tests a deviation, it does so by name.
"""
