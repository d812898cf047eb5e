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

plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
artifact=org.glassfish.main.distributions:glassfish:$version:zip
folder=$(dirname "$file")
mkdir -p "$folder"
# Maven remembers for a day what it did not find: -U has it look again.
mvn --quiet --batch-mode -U "$plugin:get" -Dtransitive=false "-Dartifact=$artifact"
mvn --quiet --batch-mode "$plugin:copy" "-Dartifact=$artifact" "-DoutputDirectory=$folder/glassfish" -Dmdep.overWriteReleases=true
echo "$checksum  $folder/glassfish/glassfish-$version.zip" | sha256sum --check --quiet
mv "$folder/glassfish/glassfish-$version.zip" "$file"
rmdir "$folder/glassfish"
touch "$file"
