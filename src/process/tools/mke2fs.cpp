#include "process/tools/mke2fs.hpp"

#include "util/text.hpp"

namespace kiln::process {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t k_mebibyte = std::uint64_t{1024} * 1024;

/// Takes "-E value" or "-Evalue" out of the words and gives the values.
Words take_values(Words& words, const std::string& option) {
    Words values;
    Words rest;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == option && i + 1 < words.size()) {
            values.push_back(words[++i]);
        } else if (words[i].starts_with(option) && words[i] != option) {
            values.push_back(words[i].substr(option.size()));
        } else {
            rest.push_back(words[i]);
        }
    }
    words = rest;
    return values;
}

/// The file is a hole all over: nothing to discard, and tables are zero already.
Words extended_options(const Mke2fs& options) {
    return {"offset=" + std::to_string(options.offset),
            "hash_seed=" + options.hash_seed,
            "root_owner=0:0",
            "nodiscard",
            "assume_storage_prezeroed=1"};
}

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

} // namespace

Command mke2fs_command(const Mke2fs& options) {
    Words rest = options.options;
    Words extended = extended_options(options);
    append(extended, take_values(rest, "-E"));
    // GRUB 2.06 and kernels before 5.15 cannot read these two, which some builds of mke2fs set.
    Words features = {"^metadata_csum_seed", "^orphan_file"};
    append(features, take_values(rest, "-O"));
    Words argv = {"mke2fs",
                  "-q",
                  "-F",
                  "-t",
                  options.type,
                  "-b",
                  "4096",
                  "-I",
                  "256",
                  "-N",
                  std::to_string(options.inodes),
                  "-L",
                  options.label,
                  "-U",
                  options.uuid,
                  "-O",
                  util::join(features, ","),
                  "-E",
                  util::join(extended, ",")};
    if (options.journal > 0) {
        append(argv, {"-J", "size=" + std::to_string(options.journal / k_mebibyte)});
    }
    if (!options.source.empty()) {
        append(argv, {"-d", options.source});
    }
    append(argv, rest);
    append(argv, {options.file, std::to_string(options.size / 1024) + "k"});
    Command command{.argv = argv, .environment = tool_environment()};
    if (options.epoch) {
        command.environment["E2FSPROGS_FAKE_TIME"] = std::to_string(*options.epoch);
    }
    return command;
}

} // namespace kiln::process
