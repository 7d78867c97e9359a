#!/bin/bash
# publish_places.sh KILN: which of the places that options and variables name gets an image.
set -eu -o pipefail
kiln=$(readlink -f "$1")
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder/home
unset OS_CLOUD OS_AUTH_URL OS_CLIENT_CONFIG_FILE XDG_DATA_HOME XDG_CONFIG_HOME KILN_STORE
printf 'data' >web.raw

fail() {
    echo "FAIL: $*"
    exit 1
}

publish() {
    "$kiln" publish web.raw --name web -q "$@" || code=$?
}

# A server that is no Keystone: it refuses at once.
mkfifo port
/usr/bin/python3 -c 'import http.server
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
open("port", "w").write(str(server.server_port))
server.serve_forever()' 2>/dev/null &
server=$!
port=$(cat port)
cat >clouds.yaml <<END
clouds:
  none:
    auth: {auth_url: "http://127.0.0.1:$port/v3", username: u-name, password: not-right}
END

code=0
publish
[ -e home/.local/share/kiln/images/names/web.raw ] || fail "without any place it is not the folder of the user"

code=0
KILN_STORE=$folder/variable OS_CLOUD=none publish
[ "$code-$(readlink variable/names/web.raw | head -c 9)" = 0-../files/ ] || fail "KILN_STORE does not go before OS_CLOUD"

code=0
OS_CLOUD=none publish
[ "$code" = 5 ] || fail "OS_CLOUD is not asked: $code"

code=0
KILN_STORE=$folder/other publish --cloud none
[ "$code" = 5 ] || fail "who names a cloud gets exit code $code"
[ ! -e other ] || fail "who names a cloud gets the folder of KILN_STORE too"

code=0
publish --cloud none --store "$folder/both"
[ "$code" = 7 ] || fail "a cloud that fails beside a folder gives exit code $code"
[ -e both/names/web.raw ] || fail "a cloud that fails keeps the folder from its image"
echo ok
