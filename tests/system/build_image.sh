#!/bin/bash
# build_image.sh KILN OUTPUT_FOLDER ELEMENTS: builds the image that the other system tests look at.
set -eu -o pipefail
kiln=$1 folder=$2 elements=$3
mkdir -p "$folder"
rm -rf "$folder"/image.* "$folder/grown.qcow2" "$folder/key.pub"
export DIB_RELEASE=bookworm ELEMENTS_PATH=$elements
export DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack, NoCloud, None"
export DIB_GRUB_TIMEOUT=1
echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExam tester" >"$folder/key.pub"
export DIB_DEV_USER_USERNAME=tester DIB_DEV_USER_AUTHORIZED_KEYS=$folder/key.pub DIB_DEV_USER_PWDLESS_SUDO=yes
"$kiln" build -o "$folder/image" -t qcow2,raw --checksum --work-dir "$folder/work" \
    debian-minimal vm cloud-init-datasources cloud-init enable-serial-console system-test \
    devuser openssh-server runtime-ssh-host-keys growroot dhcp-all-interfaces
# The same on a larger disk, for growroot.
cp "$folder/image.qcow2" "$folder/grown.qcow2"
qemu-img resize -q "$folder/grown.qcow2" +256M
sha256sum "$folder/image.qcow2" "$folder/image.raw" >"$folder/published"
