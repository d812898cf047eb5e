"""Where it is documented how Messaging Server's programs behave, and the marks of this simulator."""

from __future__ import annotations

from ..behaviour import Marks

MARKS = Marks("messaging_server")

HA_GUIDE = "Messaging Server Installation and Configuration Guide, Configuring Messaging Server for High Availability"
SCRIPTS = "Messaging Server 8.0.2 Installation and Configuration Guide, appendix A"
COMMANDS = "Messaging Server 8.0.1 System Administrator's Guide, 41 Command-Line Reference"
STORE = "Messaging Server 8.0.1 System Administrator's Guide, 75 Message Store Command Reference"
CONFIGUTIL = "Messaging Server 6.3 Administration Reference, configutil"
CONFIGUTIL_6 = "Messaging Server 6 2005Q4 Administration Reference, configutil, Options"
BINDING = "Messaging Server 6.3 Administration Guide, 3.4.4 Binding IP Addresses on a Server"
USECONFIG = "Messaging Server 6.3 Administration Guide, 3.3.3 Using the useconfig Utility"
WORKSHEET = "Messaging Server 6 2005Q4 Administration Guide, table E-4"
COMMPKG = "Messaging Server 6.3 64-bit Installation Technical Note, commpkg Usage"
SILENT = "Messaging Server 6.3 64-bit Installation Technical Note, Silent Mode File Format"
CALENDAR = "Calendar Server 6.3 Administration Guide, 6.7"
RECIPES = "Messaging Server Technical Reference, Recipe language"
REFERENCE = "Messaging Server Technical Reference, Configuration syntax"
START = "Messaging Server 6.3 Administration Reference, start-msg"
STORED = "Messaging Server 6.3 Administration Reference, stored"
PROCESSES = "Messaging Server 6.3 Administration Reference, imsimta process"
IDLE = "Messaging Server 6.3 Administration Guide, 26.2.4 Check that the Job Controller and Dispatcher are Running"
SERVICE = "Messaging Server Technical Reference, Service group"
