#!/bin/bash
# element_machine.sh KILN ELEMENTS: how an image meets its machine: growroot, dhcp-all-interfaces, stable-interface-names,
# journal-to-console, disable-selinux, modprobe, sysctl, the variants of cloud-init, baremetal, cleanup-kernel-initrd.
# shellcheck disable=SC2016 # single quotes hold text for hooks and fakes
set -eu -o pipefail
# shellcheck source-path=SCRIPTDIR source=element_lib.bash
source "$(dirname "$0")/element_lib.bash"

hook machine install.d/01-machine <<'EOT'
mkdir -p /etc/selinux /etc/udev/rules.d /etc/default /boot /usr/lib/modules/6.1.0-9 /usr/lib/modules/6.1.0-10
printf 'SELINUX=enforcing\nSELINUXTYPE=targeted\n' >/etc/selinux/config
ln -s /dev/null /etc/udev/rules.d/80-net-setup-link.rules
echo 'GRUB_CMDLINE_LINUX="net.ifnames=0 quiet biosdevname=0"' >/etc/default/grub
for version in 6.1.0-9 6.1.0-10 0-rescue-1; do
    echo "kernel $version" >/boot/vmlinuz-$version
    echo "ramdisk $version" >/boot/initrd.img-$version
done
ln -s vmlinuz-6.1.0-10 /boot/vmlinuz-9
systemctl enable systemd-networkd.service
EOT
hook machine install.d/60-sysctl <<'EOT'
sysctl-set-value net.ipv4.ip_forward 1 "for the routers"
sysctl-set-value net.ipv4.ip_forward 1
sysctl-set-value net/ipv4/conf/eth0.7/forwarding 0
! sysctl-set-value net.ipv4.ip_forward 0 || exit 1
! sysctl-set-value "net.ipv4.ip_forward; id" 1 || exit 1
! sysctl-write-value net.ipv4.ip_forward || exit 1
EOT
hook machine finalise.d/30-boot <<<'echo "boots $(select-boot-kernel-initrd)"'
mkdir -p "$work/elements/machine/modprobe.d"
echo 'options kvm_intel nested=1' >"$work/elements/machine/modprobe.d/kvm.conf"

test_settings() {
    export DIB_MODPROBE_BLACKLIST="igb nouveau" DIB_DHCP_TIMEOUT=77
    before=$(cat /proc/sys/net/ipv4/ip_forward)
    build machine sysctl modprobe disable-selinux journal-to-console stable-interface-names growroot \
        dhcp-all-interfaces cloud-init-nocloud cloud-init-disable-resizefs baremetal cleanup-kernel-initrd
    [ "$(cat /proc/sys/net/ipv4/ip_forward)" = "$before" ] || fail "sysctl changed the build host"
    [ "$(content /etc/sysctl.d/net.ipv4.ip_forward.conf)" = $'# for the routers\nnet.ipv4.ip_forward = 1' ] ||
        fail "the kernel parameter is not as it was set"
    expect_text /etc/sysctl.d/net.ipv4.conf.eth0.7.forwarding.conf '^net/ipv4/conf/eth0\.7/forwarding = 0$'
    expect_text /etc/modprobe.d/blacklist.conf '^blacklist igb$'
    expect_text /etc/modprobe.d/blacklist.conf '^blacklist nouveau$'
    expect_text /etc/modprobe.d/kvm.conf '^options kvm_intel nested=1$'
    [ "$(content /etc/selinux/config)" = $'SELINUX=disabled\nSELINUXTYPE=targeted' ] || fail "SELinux is not disabled"
    expect_text /etc/systemd/journald.conf.d/log-to-console.conf '^ForwardToConsole=yes$'
    expect_absent /etc/udev/rules.d/80-net-setup-link.rules
    expect_text /etc/default/grub '^GRUB_CMDLINE_LINUX="quiet"$'
    expect_text /etc/cloud/cloud.cfg.d/91-dib-cloud-init-datasources.cfg '^datasource_list: \[ NoCloud \]$'
    expect_file /var/lib/cloud/seed/nocloud/user-data
    expect_file /var/lib/cloud/seed/nocloud/meta-data
    content /etc/cloud/cloud.cfg.d/93-disable-resizefs.cfg >"$work/cloud.cfg"
    python3 -c 'import sys, yaml; c = yaml.safe_load(open(sys.argv[1])); sys.exit(c != {"growpart": {"mode": "off"}, "resize_rootfs": False})' \
        "$work/cloud.cfg" || fail "cloud-init would still resize"
}

test_one_dhcp_client() {
    expect_text /etc/systemd/network/89-dhcp-all-interfaces.network '^Type=ether infiniband$'
    expect_text /etc/systemd/system/systemd-networkd-wait-online.service.d/70-dhcp-all-interfaces.conf '--any --timeout=77$'
    expect_absent /usr/local/sbin/dhcp-interface
    expect_absent /etc/NetworkManager
}

test_kernel_and_ramdisk_are_beside_the_image() {
    [ "$(cat "$work/image.vmlinuz")" = "kernel 6.1.0-10" ] || fail "image.vmlinuz is not the newest kernel"
    [ "$(cat "$work/image.initrd")" = "ramdisk 6.1.0-10" ] || fail "image.initrd is not its ramdisk"
    grep -qx "$work/image.vmlinuz" "$work/out" || fail "image.vmlinuz is not told of"
    grep -qF 'boots vmlinuz-6.1.0-10:initrd.img-6.1.0-10' -r "$work/state" || fail "select-boot-kernel-initrd is wrong"
    expect_absent /usr/local/bin/select-boot-kernel-initrd
    expect_file /boot/vmlinuz-6.1.0-10
    expect_file /usr/lib/modules/6.1.0-10
    for path in /boot/vmlinuz-6.1.0-9 /boot/initrd.img-6.1.0-9 /usr/lib/modules/6.1.0-9 /boot/vmlinuz-0-rescue-1; do
        expect_absent "$path"
    done
}

# fake PROGRAM <TEXT: a program of the tree's that comes before the real one.
fake() {
    mkdir -p "$(tree)/fake"
    { printf '#!/bin/sh\n' && cat; } >"$(tree)/fake/$1"
    chmod +x "$(tree)/fake/$1"
}

# grow SECTORS-OF-DISK: runs growroot on a disk of that size with a root partition of 2048 sectors at 4096.
grow() {
    local sys device
    sys=$(tree)/fake-sys
    device=$sys/devices/vda
    rm -rf "$sys" "$(tree)/fake/did"
    mkdir -p "$device/vda1" "$device/vda2" "$sys/dev/block"
    echo "$1" >"$device/size"
    echo 2048 >"$device/vda1/start"
    echo 2048 >"$device/vda1/size"
    echo 4096 >"$device/vda2/start"
    echo 2048 >"$device/vda2/size"
    echo 2 >"$device/vda2/partition"
    : >"$device/vda2/dev"
    ln -s ../../devices/vda/vda2 "$sys/dev/block/254:2"
    in_tree /bin/bash -eu -c 'mount --bind /fake-sys /sys
        mount --bind /fake/systemd-growfs /usr/lib/systemd/systemd-growfs
        PATH=/fake:$PATH growroot' >"$work/said" 2>&1
}
did() { cat "$(tree)/fake/did" 2>/dev/null || true; }

test_root_grows() {
    expect_link /etc/systemd/system/sysinit.target.wants/growroot.service /lib/systemd/system/growroot.service
    in_tree systemd-analyze verify --man=no /usr/lib/systemd/system/growroot.service 2>"$work/verify" || true
    if grep growroot "$work/verify"; then fail "systemd does not like the unit"; fi
    fake findmnt <<<'case $* in *MAJ:MIN*) echo "254:2" ;; *) echo ext4 ;; esac'
    fake growpart <<<'echo "growpart $*" >>/fake/did; exit ${growpart_says:-0}'
    fake systemd-growfs <<<'echo "growfs $*" >>/fake/did'

    grow 20480 || fail "growroot failed: $(cat "$work/said")"
    [ "$(did)" = $'growpart /dev/vda 2\ngrowfs /' ] || fail "with space behind the root it did: $(did)"
    grow 6200 || fail "growroot failed where nothing is to grow: $(cat "$work/said")"
    [ "$(did)" = "growfs /" ] || fail "with no space behind the root it did: $(did)"
    fake growpart <<<'exit 1'
    grow 20480 || fail "growpart's 'nothing changed' is taken for a failure"
    fake growpart <<<'exit 2'
    if grow 20480; then fail "a failure of growpart is not told"; fi
    fake findmnt <<<'case $* in *MAJ:MIN*) echo "0:31" ;; *SOURCE*) echo overlay ;; *) echo overlay ;; esac'
    fake lsblk <<<'exit 1'
    grow 20480 || fail "a root without a disk is a failure: $(cat "$work/said")"
    [ -z "$(did)" ] || fail "a root without a disk was grown"
}

# The real growpart, on a file with kiln's own layout, whose root is last.
test_real_partition_grows() {
    local disk=$work/disk.raw start
    truncate -s 64M "$disk"
    printf 'label: gpt\n,8M,U\n,1M,21686148-6449-6E6F-744E-656564454649\n,20M\n' | sfdisk -q "$disk"
    truncate -s 128M "$disk"
    start=$(sfdisk -q --dump "$disk" | tail -n 1)
    cp --sparse=always "$disk" "$(tree)/tmp/disk.raw"
    in_tree growpart /tmp/disk.raw 3 >/dev/null || fail "growpart of the image cannot grow kiln's layout"
    [ "$(sfdisk -q --dump "$(tree)/tmp/disk.raw" | tail -n 1)" != "$start" ] || fail "the partition has its old size"
    sfdisk -q --verify "$(tree)/tmp/disk.raw"
}

test_patterns_choose_the_kernel() {
    export DIB_BAREMETAL_KERNEL_PATTERN='vmlinuz-*-9' DIB_BAREMETAL_INITRD_PATTERN='initrd.img-*-9'
    build machine baremetal sysctl
    unset DIB_BAREMETAL_KERNEL_PATTERN DIB_BAREMETAL_INITRD_PATTERN
    [ "$(cat "$work/image.vmlinuz")" = "kernel 6.1.0-9" ] || fail "the pattern of the kernel has no effect"
    [ "$(cat "$work/image.initrd")" = "ramdisk 6.1.0-9" ] || fail "the pattern of the ramdisk has no effect"
}

test_ifupdown_and_networkmanager() {
    hook ifupdown install.d/01-ifupdown <<'EOT'
systemctl disable systemd-networkd.service
printf '#!/bin/sh\nexit 1\n' | tee /usr/sbin/ifup >/usr/sbin/ifquery
chmod +x /usr/sbin/ifup /usr/sbin/ifquery
mkdir -p /etc/dhcp && echo 'timeout 300;' >/etc/dhcp/dhclient.conf
EOT
    build ifupdown dhcp-all-interfaces
    expect_mode /usr/local/sbin/dhcp-interface 0755 0:0
    expect_text /etc/systemd/system/dhcp-interface@.service '^TimeoutStartSec=77$'
    expect_text /etc/dhcp/dhclient.conf '^timeout 77;$'
    expect_no_text /etc/dhcp/dhclient.conf 300
    expect_absent /etc/systemd/network/89-dhcp-all-interfaces.network
    fake ifquery <<<'[ "$1" != eth1 ] || echo "address: 10.0.0.1"'
    fake ifup <<<'echo "ifup $*" >>/fake/did; cat /run/dhcp-interface/* >>/fake/did'
    mkdir -p "$(tree)"/fake-sys/class/net/{eth0/device,eth1/device,br0}
    for interface in eth0 eth1 br0; do
        in_tree /bin/bash -eu -c "mount --bind /fake-sys /sys && PATH=/fake:\$PATH dhcp-interface $interface" >/dev/null
    done
    [ "$(did)" = $'ifup --interfaces=/run/dhcp-interface/eth0 eth0\niface eth0 inet dhcp\niface eth0 inet6 auto' ] ||
        fail "dhcp-interface did: $(did)"

    hook manager install.d/01-manager <<'EOT'
systemctl disable systemd-networkd.service
printf '#!/bin/sh\n' >/usr/sbin/NetworkManager
chmod +x /usr/sbin/NetworkManager
printf '[Service]\nExecStart=/usr/sbin/NetworkManager\n[Install]\nWantedBy=multi-user.target\n' \
    >/etc/systemd/system/NetworkManager.service
EOT
    DIB_DHCP_CLIENT=dhclient build manager dhcp-all-interfaces
    expect_text /etc/NetworkManager/conf.d/89-dhcp-all-interfaces.conf '^dhcp=dhclient$'
    expect_text /etc/NetworkManager/conf.d/89-dhcp-all-interfaces.conf '^ipv4\.dhcp-timeout=77$'
    has /etc/systemd/system/multi-user.target.wants/NetworkManager.service || fail "NetworkManager is not enabled"
    expect_absent /usr/local/sbin/dhcp-interface
}

test_bad_values_are_named() {
    DIB_DHCP_TIMEOUT=soon fails 3 "DIB_DHCP_TIMEOUT='soon'" dhcp-all-interfaces
    DIB_DHCP_CLIENT=pump fails 3 "DIB_DHCP_CLIENT='pump'" dhcp-all-interfaces
    DIB_MODPROBE_BLACKLIST="igb,nouveau" fails 3 "DIB_MODPROBE_BLACKLIST: 'igb,nouveau'" modprobe
    DIB_BOOTLOADER_DEFAULT_CMDLINE="net.ifnames=0 quiet" fails 3 "DIB_BOOTLOADER_DEFAULT_CMDLINE" stable-interface-names
    DIB_BAREMETAL_KERNEL_PATTERN='vmlinuz-*' fails 3 "DIB_BAREMETAL_INITRD_PATTERN" baremetal
    fails 3 "/boot of the image has no kernel" baremetal
}

test_settings
test_one_dhcp_client
test_kernel_and_ramdisk_are_beside_the_image
test_root_grows
test_real_partition_grows
test_patterns_choose_the_kernel
test_ifupdown_and_networkmanager
unset DIB_MODPROBE_BLACKLIST DIB_DHCP_TIMEOUT
test_bad_values_are_named
