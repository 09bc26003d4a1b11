#!/usr/bin/env bash
# Makes the passwords of compose.yaml, once, in ops/compose/secrets. Files that a
# container's user reads are readable by others on this machine: the directory is not.
set -euo pipefail
cd "$(dirname "$0")"
[ -e secrets/postgres ] && { echo "there are secrets already"; exit 0; }
umask 077
mkdir -p secrets
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
pg=$(word) access=$(word) secret=$(word)
printf '%s' "$pg" >secrets/postgres
printf 'postgres:5432:sohoa:sohoa:%s\n' "$pg" >secrets/pgpass
printf '%s:%s\n' "$access" "$secret" >secrets/s3.key
printf 'ROOT_ACCESS_KEY=%s\nROOT_SECRET_KEY=%s\n' "$access" "$secret" >secrets/s3.env
printf 'AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\nAWS_DEFAULT_REGION=us-east-1\n' "$access" "$secret" >secrets/aws.env
chmod 644 secrets/postgres secrets/pgpass secrets/s3.key
