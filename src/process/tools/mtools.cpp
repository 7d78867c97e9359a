#include "process/tools/mtools.hpp"

namespace kiln::process {
namespace {

constexpr std::uint64_t k_sector = 512;

Command mtools_command(const FatPlace& place, std::vector<std::string> argv) {
    Command command{.argv = std::move(argv), .environment = tool_environment()};
    command.environment["TZ"] = "UTC";
    command.environment["MTOOLS_SKIP_CHECK"] = "1";
    if (place.epoch) {
        command.environment["SOURCE_DATE_EPOCH"] = std::to_string(*place.epoch);
    }
    return command;
}

std::string image_word(const FatPlace& place) {
    return place.file + "@@" + std::to_string(place.offset);
}

} // namespace

Command mkfs_vfat_command(const MkfsVfat& options) {
    const std::string first_sector = std::to_string(options.offset / k_sector);
    // --invariant sets a volume id too: -i must come after it.
    std::vector<std::string> argv = {"mkfs.vfat",
                                     "--invariant",
                                     "-F",
                                     std::to_string(options.fat_bits),
                                     "-s",
                                     std::to_string(options.sectors_per_cluster),
                                     "-g",
                                     "255/63",
                                     "-n",
                                     options.label,
                                     "-i",
                                     options.volume_id,
                                     "-h",
                                     first_sector,
                                     "--offset=" + first_sector};
    argv.insert(argv.end(), options.options.begin(), options.options.end());
    argv.push_back(options.file);
    argv.push_back(std::to_string(options.size / 1024));
    return {.argv = argv, .environment = tool_environment()};
}

Command mmd_command(const FatPlace& place, const std::vector<std::string>& directories) {
    std::vector<std::string> argv = {"mmd", "-i", image_word(place)};
    for (const std::string& directory : directories) {
        argv.push_back("::" + directory);
    }
    return mtools_command(place, std::move(argv));
}

Command mcopy_command(const FatPlace& place,
                      const std::vector<std::string>& files,
                      const std::string& directory) {
    std::vector<std::string> argv = {"mcopy", "-o", "-i", image_word(place)};
    argv.insert(argv.end(), files.begin(), files.end());
    argv.push_back("::" + directory);
    return mtools_command(place, std::move(argv));
}

} // namespace kiln::process
