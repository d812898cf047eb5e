"""Where it is documented how Calendar Server's tools behave, and the marks of this simulator."""

from __future__ import annotations

from ..behaviour import Marks

MARKS = Marks("calendar_server")

GUIDE = "Calendar Server 6.3 Administration Guide"
CONFIGURATION = f"{GUIDE}, 6.6.3"
OUTPUT = f"{GUIDE}, 6.11"
FILE = f"{GUIDE}, chapter 4 and appendix E"
UTILITIES = f"{GUIDE}, D.1.3"
START_ORDER = f"{GUIDE}, 12.1"
POST_INSTALLATION = "Calendar Server 6 2005Q4 Administration Guide, part I and table 7-1"
WORKSHEET = "Calendar Server 6 2005Q4 Administration Guide, appendices A and B"
RELEASE_NOTES = "Communications Suite 5 Release Notes, start-cal Wrapper Script for Calendar Server 6.3"
SILENT = "Delegated Administrator Guide 6 2005Q4, Perform Silent Installation (a sibling's program)"
