#include "disk/layout.hpp"

#include "util/text.hpp"

#include <algorithm>

namespace kiln::disk {

std::string type_name(FilesystemType type) {
    switch (type) {
    case FilesystemType::ext2:
        return "ext2";
    case FilesystemType::ext3:
        return "ext3";
    case FilesystemType::ext4:
        return "ext4";
    case FilesystemType::vfat:
        return "vfat";
    }
    return {};
}

std::string table_name(TableKind kind) {
    switch (kind) {
    case TableKind::none:
        return "none";
    case TableKind::gpt:
        return "gpt";
    case TableKind::msdos:
        return "msdos";
    }
    return {};
}

const Filesystem* root_filesystem(const Layout& layout) {
    const auto found =
        std::find_if(layout.filesystems.begin(),
                     layout.filesystems.end(),
                     [](const Filesystem& filesystem) { return filesystem.mount_point == "/"; });
    return found == layout.filesystems.end() ? nullptr : &*found;
}

std::string make_fstab(const Layout& layout) {
    std::string text;
    for (const Filesystem& filesystem : layout.filesystems) {
        if (!filesystem.fstab) {
            continue;
        }
        const FstabEntry& entry = *filesystem.fstab;
        text += util::join({"LABEL=" + filesystem.label,
                            filesystem.mount_point,
                            type_name(filesystem.type),
                            entry.options,
                            std::to_string(entry.dump_frequency),
                            std::to_string(entry.pass)},
                           " ") +
                "\n";
    }
    return text;
}

Layout flat_layout(const LayoutDefaults& defaults) {
    return parse_layout(config::parse_yaml("- local_loop:\n"
                                           "    name: image0\n"
                                           "    mkfs:\n"
                                           "      name: mkfs_root\n"
                                           "      mount:\n"
                                           "        mount_point: /\n"
                                           "        fstab:\n"
                                           "          options: defaults\n"
                                           "          fsck-passno: 1\n",
                                           "the default disk layout"),
                        defaults);
}

} // namespace kiln::disk
