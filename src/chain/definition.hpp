#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kiln::chain {

/// A store that images are published to: a folder, or a cloud of clouds.yaml.
struct StoreDefinition {
    std::string name{};
    std::string folder{};
    std::string cloud{};
    std::vector<std::string> regions{};
    bool all_regions = false;
    std::string interface {};
    std::string tag{};
    /// Which of an image's formats it gets; empty: what the image says, else its first.
    std::string format{};
};

/// An image that another one starts from.
struct BaseDefinition {
    enum class Kind { url, file, cloud };

    Kind kind = Kind::file;
    std::string url{};
    /// "sha256:HEX" of what the URL leads to; or where a list of checksums is.
    std::string checksum{};
    std::string checksums{};
    std::string file{};
    std::string cloud{};
    std::string region{};
    /// Name or id of an image of the cloud.
    std::string image{};
};

/// Where the value of a secret is; the file that is run never holds it.
struct SecretReference {
    enum class Place { environment, file };

    Place place = Place::environment;
    std::string name{};
};

/// The image is booted (kiln test --boot).
struct BootTest {
    std::string firmware = "both";
    std::string timeout = "300";
    unsigned memory_mib = 1024;
    std::vector<std::string> allow_failed{};
};

/// A command of the user's own: exit code 0 is a pass.
struct CommandTest {
    std::string name{};
    /// Program and arguments; a relative path is one from the folder of the file.
    std::vector<std::string> argv{};
    std::chrono::seconds timeout{600};
    unsigned memory_mib = 256;
};

using TestDefinition = std::variant<BootTest, CommandTest>;

/// A template and the file that it becomes, in the image's folder.
struct OutputDefinition {
    /// Absolute.
    std::string source{};
    std::string target{};
    /// Whose image id it gets; empty: the first store's.
    std::string store{};
    /// "file:line:column" of the definition.
    std::string position{};
};

/// How an image is published. What is not set is left to `kiln publish`.
struct PublishDefinition {
    std::optional<std::string> name{};
    std::optional<std::vector<std::string>> stores{};
    std::optional<std::string> format{};
    std::optional<std::string> visibility{};
    std::optional<bool> is_protected{};
    std::optional<std::string> min_disk{};
    std::optional<std::string> min_ram{};
    std::optional<std::string> version{};
    std::optional<std::string> promote{};
    std::optional<std::string> keep{};
    std::optional<bool> delete_older{};
    std::optional<std::string> older{};
    std::optional<std::string> swap{};
    std::optional<std::string> dated_name{};
    std::optional<bool> adopt{};
    /// Only the given properties, beside those that rotation needs.
    std::optional<bool> exact_properties{};
    std::vector<std::string> tags{};
    std::map<std::string, std::string> properties{};
};

/// What is said of an image, or of several by defaults and parents; what is not said is not set.
struct ImageDefinition {
    std::string name{};
    /// "file:line:column" of its name.
    std::string position{};
    std::vector<std::string> inherits{};
    bool abstract = false;
    std::optional<BaseDefinition> base{};
    std::vector<std::string> elements{};
    /// Folders with elements; absolute.
    std::vector<std::string> elements_path{};
    std::map<std::string, std::string> environment{};
    std::map<std::string, SecretReference> secrets{};
    std::vector<std::string> packages{};
    std::optional<std::string> architecture{};
    std::optional<std::vector<std::string>> formats{};
    std::optional<std::string> compression{};
    std::optional<std::string> image_size{};
    std::optional<std::string> freshness{};
    std::optional<std::string> hook_timeout{};
    std::optional<bool> with_base_element{};
    std::optional<bool> network{};
    std::optional<std::vector<TestDefinition>> tests{};
    /// False: it is not published.
    std::optional<bool> publishes{};
    PublishDefinition publish{};
    std::optional<std::vector<OutputDefinition>> outputs{};
    /// Name of the bundle that it was read from; empty: none.
    std::string bundle{};

    /// Whether it is made by a build; else the image it starts from is taken as it is.
    [[nodiscard]] bool is_built() const { return !elements.empty() || !packages.empty(); }
};

/// What `kiln run` is to do.
struct RunDefinition {
    /// The file, as named.
    std::string path{};
    /// Absolute folder that everything is made in.
    std::string output{};
    std::vector<StoreDefinition> stores{};
    /// Those that are made, complete, in the order of the file.
    std::vector<ImageDefinition> images{};
};

/// What stands for the values that are not set.
std::vector<std::string> formats_of(const ImageDefinition& image);
std::vector<TestDefinition> tests_of(const ImageDefinition& image);
std::string published_name(const ImageDefinition& image);

/// The stores that an image is published to, with the format that each gets; none when it is not.
struct Publication {
    const StoreDefinition* store = nullptr;
    std::string format{};
};

std::vector<Publication> publications_of(const ImageDefinition& image, const RunDefinition& run);

/// What every image gets, then what it inherits, then its own: texts and lists replace one another,
/// but elements, packages and folders of elements are added, and so are environment, secrets,
/// properties and tags, by name.
void inherit(ImageDefinition& image, const ImageDefinition& parent);

} // namespace kiln::chain
