#!/bin/bash
# base_image_build.sh KILN BASE.qcow2 FOLDER: serves a base image with a signed checksum list on 127.0.0.1 and builds an
# image of element debian over it.
set -eu -o pipefail
kiln=$1 base=$2 folder=$3 here=$(dirname "$(readlink -f "$0")")
rm -rf "$folder"
mkdir -p "$folder"/{srv,state}
gnupg=$(mktemp -d /tmp/kiln-gnupg-XXXXXX)
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    gpgconf --homedir "$gnupg" --kill all || true
    rm -rf "$gnupg" "$folder/srv" "$folder/state" "$folder/cache" "$folder/work"
}
trap clean_up EXIT

ln -s "$base" "$folder/srv/debian-12-genericcloud-$(dpkg --print-architecture).qcow2"
(cd "$folder/srv" && sha512sum ./*.qcow2 >SHA512SUMS)
gpg=(gpg --homedir "$gnupg" --batch --quiet)
"${gpg[@]}" --passphrase '' --quick-generate-key kiln@test.invalid ed25519 sign never
"${gpg[@]}" --export >"$folder/keyring.gpg"
"${gpg[@]}" --detach-sign --output "$folder/srv/SHA512SUMS.sign" "$folder/srv/SHA512SUMS"

"$here/../support/image_server.py" "$folder/srv" "$folder/state" &
server=$!
for _ in $(seq 100); do
    [ ! -s "$folder/state/port" ] || break
    sleep 0.1
done
port=$(cat "$folder/state/port")
export DIB_CLOUD_IMAGES=http://127.0.0.1:$port KILN_BASE_KEYRING=$folder/keyring.gpg
export no_proxy=127.0.0.1${no_proxy:+,$no_proxy}
export DIB_RELEASE=bookworm DIB_GRUB_TIMEOUT=1 DIB_IMAGE_CACHE=$folder/cache
export DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack, NoCloud, None"
"$kiln" build -o "$folder/image" -t raw --work-dir "$folder/work" debian vm enable-serial-console
