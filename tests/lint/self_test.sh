#!/bin/bash
# self_test.sh TOP: each lint finds the fault that it is there for.
set -eu -o pipefail
lint=$(cd "$1" && pwd)/tests/lint
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

# finds NAME TEXT COMMAND...: the command fails and its output has the text.
finds() {
    local name=$1 text=$2 output
    shift 2
    if output=$("$@" 2>&1); then
        echo "FAIL: $name found nothing"
        exit 1
    fi
    grep -qF -- "$text" <<<"$output" || { echo "FAIL: $name said: $output"; exit 1; }
    passed=$((passed + 1))
}

# tree: an empty tree of sources.
tree() {
    rm -rf "$work/tree"
    mkdir -p "$work"/tree/{src/util,src/cli,tests,scripts,elements/one/install.d,sudoers.d,docs,cmake,.ci}
    cd "$work/tree"
}

tree
echo 'int  main( ){}' >src/util/a.cpp
finds format clang-format-violations "$lint/format.sh" .

tree
echo '#include "cli/b.hpp"' >src/util/a.hpp
echo '#include <yaml-cpp/yaml.h>' >src/cli/b.hpp
finds layers 'util may not use cli' python3 "$lint/layers.py" .
finds layers 'belongs in config' python3 "$lint/layers.py" .

tree
seq 501 >src/util/a.hpp
{ echo 'int f() {' && seq 80 && echo '}'; } >src/util/b.cpp
finds sizes '501 lines' python3 "$lint/sizes.py" .
finds sizes 'a function of 82 lines' python3 "$lint/sizes.py" .

tree
# shellcheck disable=SC2016
printf '#!/bin/bash\necho $1\n' >scripts/a
finds shell SC2086 "$lint/shell.sh" .

tree
printf '#!/bin/bash\ntrue\n' >elements/one/install.d/50-a.sh
echo two >elements/one/element-deps
for text in 'no README.md' "no element 'two'" 'leave out' 'not executable' 'set -e'; do
    finds elements "$text" python3 "$lint/elements.py" elements
done

tree
printf '#!/bin/bash\nprintf "Subcommands:\\n  bake    bakes\\n  -h,--heat\\n"\n' >kiln
chmod +x kiln
echo 'kiln-bake(1)' >docs/kiln.1.md
finds man 'has no page' "$lint/man.sh" ./kiln docs
echo '-h' >docs/kiln-bake.1.md
finds man 'does not have --heat' "$lint/man.sh" ./kiln docs

tree
# shellcheck disable=SC2016
echo '[a](b.md) and `src/c.cpp`' >README.md
finds docs "'b.md' leads nowhere" python3 "$lint/docs.py" .
finds docs "no 'src/c.cpp'" python3 "$lint/docs.py" .

tree
mkdir -p src/disk docs/examples && cp -r "$lint/../../src/chain" src/ && cp "$lint/../../src/disk/formats.cpp" src/disk/
sed 's/"swap"/"swop"/; s/"tgz", //; s/"overlap"/"over"/' "$lint/../../docs/run.schema.json" >docs/run.schema.json
printf 'version: 1\nimages: {a: {element: vm}}\n' >docs/examples/a.yaml
# shellcheck disable=SC2016
printf '```yaml\na: b: c\n```\n' >docs/b.md
for text in "takes 'swap', the schema does not" "has 'swop', the reader does not" 'formats.cpp are not those' 'hide-first, overlap' \
    "a.yaml: images/a: " 'docs/b.md:1: no YAML'; do
    finds run-schema "$text" python3 "$lint/run_schema.py" .
done

tree
printf '// TO%s\n' DO >src/util/a.cpp
finds marks a.cpp "$lint/marks.sh" .

tree
echo 'nonsense (' >sudoers.d/kiln
finds sudoers 'syntax error' "$lint/sudoers.sh" .
echo 'k_namespace_helper = "/usr/lib/a";' >src/util/helper
mkdir -p src/sandbox && mv src/util/helper src/sandbox/helper_namespace.hpp
printf 'Cmnd_Alias KILN_A = /usr/lib/b ""\n%%kiln ALL = NOPASSWD: KILN_A\n' >sudoers.d/kiln
finds sudoers "kiln calls '/usr/lib/a'" "$lint/sudoers.sh" .
printf 'Cmnd_Alias KILN_A = /usr/lib/a ""\n%%kiln ALL = NOPASSWD: ALL\n' >sudoers.d/kiln
finds sudoers 'more than its helper' "$lint/sudoers.sh" .
rm sudoers.d/kiln
finds sudoers 'no rule' "$lint/sudoers.sh" .

tree
printf '#!/bin/bash\necho cmake\n' >scripts/packages
chmod +x scripts/packages
echo '#include <curl/curl.h>' >src/util/a.cpp
echo '#include <other/lib.h>' >src/util/b.cpp
printf 'jq . a.json\n' >scripts/b
for text in libcurl4-openssl-dev "no package is known for '<other/lib.h>'" "'jq' needs"; do
    finds packages "$text" python3 "$lint/packages.py" .
done
echo "$passed faults found"
