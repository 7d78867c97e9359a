# shellcheck shell=bash
# The image that the system tests look at. Sourced.

shared_image_elements=(debian-minimal vm cloud-init-datasources cloud-init enable-serial-console system-test
    devuser openssh-server runtime-ssh-host-keys growroot dhcp-all-interfaces)

# build_shared_image KILN KEY ELEMENTS ARGUMENT...: KEY is the file of a public key, ELEMENTS the folder of the tests'
# elements; more of them may be in $ELEMENTS_PATH.
build_shared_image() {
    local kiln=$1 key=$2 elements=$3
    shift 3
    DIB_RELEASE=bookworm ELEMENTS_PATH=$elements${ELEMENTS_PATH:+:$ELEMENTS_PATH} DIB_GRUB_TIMEOUT=1 \
        DIB_CLOUD_INIT_DATASOURCES="ConfigDrive, OpenStack, NoCloud, None" \
        DIB_DEV_USER_USERNAME=tester DIB_DEV_USER_AUTHORIZED_KEYS=$key DIB_DEV_USER_PWDLESS_SUDO=yes \
        "$kiln" build "$@" "${shared_image_elements[@]}"
}

write_test_key() { # FILE
    echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExam tester" >"$1"
}
