"""modtui: one live queue for the people who answer for an online community."""

__version__ = "0.1.0"
