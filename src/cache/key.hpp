#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::cache {

/// One input of a layer or an image.
struct Input {
    /// What goes into the key: short text, or a digest.
    std::string value;
    /// For people, where the tag does not say it: "elements/web/install.d/50-nginx".
    std::string title{};
};

/// All inputs of a layer or an image by their tags ("file install.d/50-nginx", "variable ARCH"),
/// as a readable transcript. Its digest is the key.
class KeyManifest {
public:
    /// purpose keeps keys of different kinds apart, and has the version of the format in it.
    explicit KeyManifest(std::string purpose) : purpose_(std::move(purpose)) {}

    void add(const std::string& tag, std::string value, std::string title = {});

    [[nodiscard]] const std::map<std::string, Input>& inputs() const noexcept { return inputs_; }

    /// SHA-256 over the purpose and all tags and values, each with its length before it.
    [[nodiscard]] std::string digest() const;

    /// JSON; from_json throws util::Error on what is none.
    [[nodiscard]] std::string to_json() const;
    static KeyManifest from_json(const std::string& text);

private:
    std::string purpose_;
    std::map<std::string, Input> inputs_{};
};

/// The tag of the layer below.
inline constexpr std::string_view k_parent_tag = "parent";

/// What tags of inputs that follow from other inputs begin with.
inline constexpr std::string_view k_derived_prefix = "derived ";

/// In words, the first input that differs: "elements/web/install.d/50-nginx changed", "DIB_RELEASE
/// changed (bookworm -> trixie)". A difference below comes after those, and then what is derived.
/// Nothing when they are the same.
std::optional<std::string> first_difference(const KeyManifest& before, const KeyManifest& now);

} // namespace kiln::cache
