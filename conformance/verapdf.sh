#!/bin/bash
# Judges files with veraPDF, the reference validator of PDF/A, and prints one
# line for each. Ends non-zero if any file is not what is claimed.
#
#   conformance/verapdf.sh [-f FLAVOUR] FILE…      (flavour: 2u if not given)
#   conformance/verapdf.sh --OPTION …              (as veraPDF's own command)
#
# veraPDF (GPLv3+/MPLv2+, only run, never linked) is fetched from Maven Central
# into .cache/ of this checkout on first use; it needs mvn and a Java runtime.
set -euo pipefail
version=1.28.2

cache=$(cd "$(dirname "$0")/.." && pwd)/.cache/verapdf-$version
if [ ! -e "$cache/complete" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9 # who comes meanwhile waits
fi
if [ ! -e "$cache/complete" ]; then
	echo "fetching veraPDF $version (about 60 MB with Maven's own parts, once)" >&2
	cat >"$cache/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion>
<groupId>conformance</groupId><artifactId>verapdf</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>$version</version></dependency></dependencies>
</project>
POM
	mvn -q -B -f "$cache/pom.xml" -Dmaven.repo.local="$cache/repository" \
		org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
		-DoutputDirectory="$cache/jars" >&2
	touch "$cache/complete"
fi

short="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" # runs are short: the optimising compiler costs more than it gives
verapdf() { java -Xmx1g $short -cp "$cache/jars/*" org.verapdf.apps.GreenfieldCliWrapper "$@"; }

if [[ "${1:-}" == --* ]]; then # no shell stays between the caller's caps and Java
	exec java -Xmx1g $short -cp "$cache/jars/*" org.verapdf.apps.GreenfieldCliWrapper "$@"
fi

flavour=2u
if [ "${1:-}" = -f ]; then
	flavour=$2
	shift 2
fi
[ $# -gt 0 ] || { echo "usage: $0 [-f FLAVOUR] FILE…" >&2; exit 2; }

report=$(mktemp)
trap 'rm -f "$report" "$report.log"' EXIT
failed=0
verapdf -f "$flavour" --format text -v "$@" >"$report" 2>"$report.log" || failed=$?
cat "$report"
# Its own exit code counts; so does a file it said nothing about.
passed=$(grep -c '^PASS ' "$report" || true)
if [ "$failed" != 0 ] || [ "$passed" != $# ]; then
	tail -n 20 "$report.log" >&2
	exit 1
fi
