# shellcheck shell=bash
# Which kernel and ramdisk of a tree boot. Only plain files in its /boot: a link could lead out of the tree.

# newest FOLDER PATTERN: the name with the highest version; nothing when there is none.
newest() {
    # shellcheck disable=SC2254 # a pattern
    find "$1" -maxdepth 1 -type f -name "$2" ! -name '*rescue*' ! -name '*debug*' ! -name '.*' -printf '%f\n' |
        LC_ALL=C sort -V | tail -n 1
}

newest_kernel() {
    local pattern found
    for pattern in 'vmlinuz-*' 'kernel-*' 'vmlinux-*' vmlinuz kernel; do
        found=$(newest "$1" "$pattern")
        if [ -n "$found" ]; then
            echo "$found"
            return
        fi
    done
}

# ramdisk_of FOLDER KERNEL
ramdisk_of() {
    local version=${2#*-} name
    for name in "initrd.img-$version" "initramfs-$version.img" "initrd-$version" "initramfs-$version" \
        "initramfs-genkernel-$version" initrd.img initrd; do
        if [ -f "$1/$name" ] && [ ! -L "$1/$name" ]; then
            echo "$name"
            return
        fi
    done
}

# select_boot_kernel ROOT: sets kernel and ramdisk to names in its /boot.
select_boot_kernel() {
    local boot=${1%/}/boot patterns=''
    if [ ! -d "$boot" ] || [ -L "$boot" ]; then
        echo "error: the image has no folder /boot" >&2
        return 1
    fi
    if [ -n "${DIB_BAREMETAL_KERNEL_PATTERN:-}" ] && [ -n "${DIB_BAREMETAL_INITRD_PATTERN:-}" ]; then
        patterns=", by DIB_BAREMETAL_KERNEL_PATTERN='$DIB_BAREMETAL_KERNEL_PATTERN'"
        patterns+=" and DIB_BAREMETAL_INITRD_PATTERN='$DIB_BAREMETAL_INITRD_PATTERN'"
        kernel=$(newest "$boot" "$DIB_BAREMETAL_KERNEL_PATTERN")
        ramdisk=$(newest "$boot" "$DIB_BAREMETAL_INITRD_PATTERN")
    else
        kernel=$(newest_kernel "$boot")
        ramdisk=$(ramdisk_of "$boot" "$kernel")
    fi
    if [ -z "$kernel" ] || [ -z "$ramdisk" ]; then
        echo "error: /boot of the image has no ${kernel:+ramdisk for }${kernel:-kernel}$patterns" >&2
        return 1
    fi
}
