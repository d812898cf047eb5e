"""Where it is documented how Clusterware behaves, and the marks of this simulator."""

from __future__ import annotations

from ..behaviour import Marks

MARKS = Marks("clusterware")

#: The manual, by its sections; 121 is its release 12.1, whose pages https://docs.oracle.com/database/121/CWADD/ has.
GUIDE = "Oracle Clusterware Administration and Deployment Guide 12c Release 1"
COMMANDS = f"{GUIDE}, appendix E"
ATTRIBUTES = f"{GUIDE}, appendix B"
DEPENDENCIES = f"{ATTRIBUTES}, START_DEPENDENCIES and STOP_DEPENDENCIES"
RESOURCE_STATES = f"{GUIDE}, table 9-2"
AUTOMATIC_RESTART = f"{GUIDE}, Managing Automatic Restart of Oracle Clusterware Resources"
MESSAGES = "Oracle Database Error Messages, CRS"
MESSAGING_SERVER = "Messaging Server Installation and Configuration Guide, Oracle Clusterware"
#: What people showed of real clusters.
TRANSCRIPTS = "public transcripts of releases 11.2 to 19c"
