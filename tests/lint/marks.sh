#!/bin/bash
# marks.sh TOP: no marks of unfinished work.
set -eu -o pipefail
cd "$1"
! grep -rnIwE 'TODO|FIXME|XXX|not implemented' --include='*' --exclude='*.md' src elements scripts
