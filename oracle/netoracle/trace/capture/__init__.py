"""Captures of packets: from the file to TCP segments and UDP datagrams.

`frames` reads the container (pcap or pcapng), `links` takes the link layer's header off, `packets` gives the IP packets
with fragments put together, `tcp` and `udp` read what they carry, `duplicates` knows the frames that a capture of all
interfaces has twice.  Everything is a stream in the order of the file, in memory that does not grow with it.
"""
