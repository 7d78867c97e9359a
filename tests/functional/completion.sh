#!/bin/bash
# completion.sh TOP KILN: the completion of bash knows commands, options, elements and images.
set -eu -o pipefail
PATH=$(dirname "$2"):$PATH
export ELEMENTS_PATH=$1/tests/elements
# shellcheck source=/dev/null
. "$1/scripts/completion/kiln"

# offers TEXT WORD...: what bash would offer for the last word has the text.
offers() {
    local text=$1
    COMP_WORDS=("${@:2}")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _kiln
    case " ${COMPREPLY[*]} " in
        *" $text "*) echo "ok: '${COMP_WORDS[*]}' offers $text" ;;
        *)
            echo "FAIL: '${COMP_WORDS[*]}' does not offer '$text' but: ${COMPREPLY[*]}"
            exit 1
            ;;
    esac
}

offers build kiln bu
offers doctor kiln ''
offers lint kiln element ''
offers --image-size kiln build --image
offers --json kiln doctor --
offers publish kiln pu
offers rollback kiln images ''
offers --stuck-after kiln publish --st
offers --to kiln images rollback --t
offers download kiln images d
offers --directory kiln images download --d
offers community kiln publish --visibility ''
offers overlap kiln images promote web --swap o
offers --no-shellcheck kiln element lint --no
offers fake-os kiln build vm fake
offers debian-minimal kiln element show deb
offers run kiln ru
offers --retest kiln run --re
offers publish kiln run --until ''
offers workbench kiln run "$1/docs/examples/two-images.yaml" ''
offers web kiln run -j 2 "$1/docs/examples/two-images.yaml" workbench w
offers debian kiln run "$1/docs/examples/minimal.yaml" d
