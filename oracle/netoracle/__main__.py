"""Running the package runs the command line."""

from netoracle.cli import main

main()
