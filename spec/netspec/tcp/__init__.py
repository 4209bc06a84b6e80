"""The Netsem host: types, parameters, auxiliary functions and the rules of its transition system."""
