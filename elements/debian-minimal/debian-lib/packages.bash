# shellcheck shell=bash
# What a minimal server is made of, beside Debian's own required packages.

debian_kernel() {
    case $KILN_DEBIAN_KERNEL in
        default) case $ARCH in
            i386) echo linux-image-686 ;;
            armhf) echo "${DIB_ARM_KERNEL:-linux-image-armmp}" ;;
            ppc64el) echo linux-image-powerpc64le ;;
            *) echo "linux-image-$ARCH" ;;
        esac ;;
        none) ;;
        linux-image-*) echo "$KILN_DEBIAN_KERNEL" ;;
        *)
            echo "error: KILN_DEBIAN_KERNEL='$KILN_DEBIAN_KERNEL' must be default, none or a linux-image-... package" >&2
            return 1
            ;;
    esac
}

# Names separated by commas, sorted.
debian_packages() {
    local kernel
    kernel=$(debian_kernel)
    printf '%s\n' ca-certificates dbus e2fsprogs init iproute2 iputils-ping kmod libpam-systemd netbase procps \
        systemd-resolved systemd-sysv systemd-timesyncd tzdata udev \
        ${kernel:+"$kernel" initramfs-tools zstd} | LC_ALL=C sort -u | paste -sd,
}
