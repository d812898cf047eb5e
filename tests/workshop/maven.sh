#!/usr/bin/env bash
# maven.sh GROUP:ARTIFACT:VERSION:TYPE CHECKSUM FILE: have an artifact of Maven Central in the file, if it has that SHA-256.
set -euo pipefail

artifact=$1
checksum=$2
file=$3
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
IFS=: read -r _group name version type <<<"$artifact"
folder=$(dirname "$file")/$name
mkdir -p "$folder"
# Maven remembers for a day what it did not find: -U has it look again.
mvn --quiet --batch-mode -U "$plugin:get" -Dtransitive=false "-Dartifact=$artifact"
mvn --quiet --batch-mode "$plugin:copy" "-Dartifact=$artifact" "-DoutputDirectory=$folder" -Dmdep.overWriteReleases=true
echo "$checksum  $folder/$name-$version.$type" | sha256sum --check --quiet
mv "$folder/$name-$version.$type" "$file"
rmdir "$folder"
touch "$file"
