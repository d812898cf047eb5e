"""Oracle Clusterware 11.2 to 19c: crsctl, appvipcfg, olsnodes, and what srvctl refuses."""
