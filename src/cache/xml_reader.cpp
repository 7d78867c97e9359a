#include "cache/xml_reader.hpp"

#include "util/error.hpp"

#include <expat.h>

#include <exception>
#include <memory>
#include <string_view>
#include <vector>

namespace kiln::cache {
namespace {

constexpr std::size_t k_deepest = 64;

struct ParserFree {
    void operator()(XML_Parser parser) const { ::XML_ParserFree(parser); }
};

std::string local_name(std::string_view name) {
    return std::string(name.substr(name.rfind(':') + 1));
}

class Reader {
public:
    Reader(const XmlStart& on_start, const XmlHandler& on_end)
        : on_start_(on_start), on_end_(on_end), parser_(::XML_ParserCreate(nullptr)) {
        ::XML_SetUserData(parser_.get(), this);
        ::XML_SetElementHandler(parser_.get(), &Reader::start, &Reader::end);
        ::XML_SetCharacterDataHandler(parser_.get(), &Reader::text);
        ::XML_SetEntityDeclHandler(parser_.get(), &Reader::entity);
    }

    void read(const std::string& text, const std::string& name) {
        const XML_Status status =
            ::XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
        if (status != XML_STATUS_OK) {
            const std::string reason =
                refusal_.empty() ? ::XML_ErrorString(::XML_GetErrorCode(parser_.get())) : refusal_;
            const auto line = std::to_string(::XML_GetCurrentLineNumber(parser_.get()));
            throw util::Error(
                {.what = "'" + name + "' cannot be read: line " + line + ": " + reason,
                 .hint = "is the address right?",
                 .code = util::ExitCode::remote});
        }
    }

private:
    static void start(void* self, const XML_Char* name, const XML_Char** attributes) {
        auto& reader = *static_cast<Reader*>(self);
        XmlElement element = {.name = local_name(name)};
        for (; attributes[0] != nullptr && attributes[1] != nullptr; attributes += 2) {
            element.attributes[local_name(attributes[0])] = attributes[1];
        }
        reader.open_.push_back(std::move(element));
        if (reader.open_.size() > k_deepest) {
            reader.refuse("too many levels");
            return;
        }
        reader.call(reader.on_start_);
    }

    static void end(void* self, const XML_Char* /*name*/) {
        auto& reader = *static_cast<Reader*>(self);
        reader.call(reader.on_end_);
        reader.open_.pop_back();
    }

    static void text(void* self, const XML_Char* data, int length) {
        auto& reader = *static_cast<Reader*>(self);
        if (!reader.open_.empty()) {
            reader.open_.back().text.append(data, static_cast<std::size_t>(length));
        }
    }

    // NOLINTNEXTLINE(readability-function-size): as expat calls it
    static void entity(void* self,
                       const XML_Char* /*name*/,
                       int /*is_parameter*/,
                       const XML_Char* /*value*/,
                       int /*length*/,
                       const XML_Char* /*base*/,
                       const XML_Char* /*system*/,
                       const XML_Char* /*public_id*/,
                       const XML_Char* /*notation*/) {
        static_cast<Reader*>(self)->refuse("it declares entities");
    }

    void refuse(const char* why) {
        refusal_ = why;
        ::XML_StopParser(parser_.get(), XML_FALSE);
    }

    [[nodiscard]] std::string path() const {
        std::string path;
        for (const XmlElement& element : open_) {
            path.append(path.empty() ? "" : "/").append(element.name);
        }
        return path;
    }

    /// No exception may cross expat.
    void call(const XmlHandler& handler) {
        try {
            if (handler) {
                handler(path(), open_.back());
            }
        } catch (...) {
            thrown_ = std::current_exception();
            ::XML_StopParser(parser_.get(), XML_FALSE);
        }
    }

    const XmlStart& on_start_;
    const XmlHandler& on_end_;
    std::unique_ptr<XML_ParserStruct, ParserFree> parser_;
    std::vector<XmlElement> open_{};
    std::string refusal_{};
    std::exception_ptr thrown_{};
};

} // namespace

void read_xml(const std::string& text,
              const std::string& name,
              const XmlStart& on_start,
              const XmlHandler& on_end) {
    Reader(on_start, on_end).read(text, name);
}

} // namespace kiln::cache
