"""Where each behaviour of this simulator comes from."""

from __future__ import annotations

from ..behaviour import Marks

MARKS = Marks("rhcs")

CLUSTAT = "cluster 3.0.12, rgmanager/src/utils/clustat.c"
CLUSTAT_4 = "cluster of release 4, rgmanager/src/utils/clustat.c"
CLUSVCADM = "cluster 3.0.12, rgmanager/src/utils/clusvcadm.c"
CLUSVCADM_4 = "cluster of release 4, rgmanager/src/utils/clusvcadm.c"
STRINGS = "cluster 3.0.12, rgmanager/src/clulib/rg_strings.c"
STATE = "cluster 3.0.12, rgmanager/src/daemons/rg_state.c"
THREAD = "cluster 3.0.12, rgmanager/src/daemons/rg_thread.c"
GROUPS = "cluster 3.0.12, rgmanager/src/daemons/groups.c"
TREE = "cluster 3.0.12, rgmanager/src/daemons/restree.c"
DOMAIN = "cluster 3.0.12, rgmanager/src/daemons/fo_domain.c"
EVENTS = "cluster 3.0.12, rgmanager/src/daemons/main.c and rg_event.c"
TEST = "cluster 3.0.12, rgmanager/src/daemons/test.c"
CCS_TOOL = "cluster 3.0.12, config/tools/ccs_tool/ccs_tool.c"
CCS_UPDATE = "cluster of releases 4 and 5, ccs/ccs_tool/update.c"
VALIDATE = "cluster 3.0.12, config/tools/xml/ccs_config_validate.in"
SCHEMA = "cluster 3.0.12, config/tools/xml/cluster.rng.in.head"
AGENT_SCHEMA = "resource-agents, rgmanager/src/resources/ra2rng.xsl"
CMAN_TOOL = "cluster 3.0.12, cman/cman_tool/main.c"
SERVICE_AGENT = "resource-agents, rgmanager/src/resources/service.sh"
AGENTS = "resource-agents, metadata in rgmanager/src/resources"
