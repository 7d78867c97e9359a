#!/bin/bash
# format.sh TOP: all C++ is as clang-format writes it.
set -eu -o pipefail
cd "$1"
find src tests -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run -Werror
