#!/bin/bash
# glance_conformance.sh PROGRAM: runs the rules of image stores against a real Glance, as user publisher.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export KILN_RIG_CLOUD=publisher
/usr/bin/python3 "$here/../support/openstack/rig.py" run "$folder/rig" -- "$1" --gtest_brief=1
