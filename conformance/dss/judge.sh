#!/bin/bash
# Judges the signatures of PDF files with EU DSS, the European Commission's
# validator, and prints one line for each: file, tab, format and indication.
#
#   conformance/dss/judge.sh ROOT.pem FILE…
#
# DSS (LGPL 2.1, only run, never linked) is fetched from Maven Central into
# .cache/ of this checkout on first use; it needs mvn and a Java 17 with javac
# or the compiler module.
set -euo pipefail
version=6.4
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/dss-$version
if [ ! -e "$cache/complete" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9 # who comes meanwhile waits
fi
if [ ! -e "$cache/complete" ]; then
	echo "fetching EU DSS $version (about 60 MB with Maven's own parts, once)" >&2
	mvn -q -B -f "$here/pom.xml" -Dmaven.repo.local="$cache/repository" \
		org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
		-DoutputDirectory="$cache/jars" >&2
	touch "$cache/complete"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Short runs: the optimising compiler costs more than it gives.
java -Xmx1g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$cache/jars/*" "$here/Judge.java" "$@" 2>"$log" || {
	tail -n 30 "$log" >&2
	exit 1
}
