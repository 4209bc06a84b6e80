"""Judging DHCP exchanges in captures: which of the parties, if any, could not have been correct."""
