#!/usr/bin/env bash
# glassfish.sh VERSION FILE: have the distribution of Eclipse GlassFish of that version in the file, from Maven Central.
set -euo pipefail

version=$1
file=$2
case $version in
    7.0.21) checksum=e0c3e5c458e84811a7b5b140dc43eacb99134fa1ebda8b663f0384aa060f6e6a ;;
    *)
        echo "the checksum of GlassFish $version is not known; add it to $0" >&2
        exit 1
        ;;
esac

exec "$(dirname "$0")/maven.sh" "org.glassfish.main.distributions:glassfish:$version:zip" "$checksum" "$file"
