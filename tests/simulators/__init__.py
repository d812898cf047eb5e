"""Stand-ins for the command lines of cluster products that cannot be installed; see README.md."""
