#include "chain/os_name.hpp"

#include "base/unpack.hpp"
#include "cache/os_release.hpp"
#include "inspect/image_contents.hpp"
#include "report/fan_out.hpp"
#include "util/tree_entry.hpp"

namespace kiln::chain {
namespace {

constexpr std::size_t k_longest = 64 * 1024;

/// The file was found; the rest of the tree is of no interest.
struct Found {};

/// Takes one small file out of a tree. /etc/os-release is usually a link to it.
class OsReleaseSink : public util::TreeSink {
public:
    void add(const util::TreeEntry& entry) override {
        end_file();
        const std::string& path = entry.path;
        is_open_ = entry.type == util::EntryType::regular &&
                   (path == "usr/lib/os-release" || path == "etc/os-release");
    }

    void data(std::uint64_t offset, std::string_view bytes) override {
        if (is_open_ && offset == text_.size() && text_.size() + bytes.size() <= k_longest) {
            text_ += bytes;
        }
    }

    void finish() override { end_file(); }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    void end_file() const {
        if (is_open_ && !text_.empty()) {
            throw Found();
        }
    }

    bool is_open_ = false;
    std::string text_;
};

} // namespace

std::string os_name(const std::string& image, const std::string& scratch, process::Runner& runner) {
    report::FanOut nobody;
    const inspect::ReadOptions options = {.scratch = scratch};
    const inspect::SourceImage source = inspect::open_source(image, "base", options, runner);
    const bool is_disk = !source.raw.empty();
    OsReleaseSink sink;
    try {
        base::read_image({.image = is_disk ? source.raw : source.path,
                          .target = {},
                          .kind = is_disk ? base::ImageKind::raw : base::ImageKind::automatic,
                          .scratch = scratch},
                         sink,
                         runner,
                         nobody);
    } catch (const Found&) { // NOLINT(bugprone-empty-catch): the good end
    }
    return cache::parse_os_release(sink.text()).id;
}

} // namespace kiln::chain
