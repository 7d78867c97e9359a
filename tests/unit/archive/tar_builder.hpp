#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace kiln::tests {

/// Bytes of a tar as a foe would write it: nothing is checked.
class TarBuilder {
public:
    struct Header {
        std::string name;
        /// As in POSIX ustar: '0' file, '1' hard link, '2' link, '3' device, '5' folder, '6' FIFO.
        char type = '0';
        std::string link{};
        unsigned mode = 0644;
        unsigned user = 0;
        unsigned group = 0;
    };

    TarBuilder& add(const Header& header, const std::string& content = {}) {
        if (!records_.empty()) {
            add_member({.name = "pax", .type = 'x'}, std::exchange(records_, {}));
        }
        return add_member(header, content);
    }

    TarBuilder& file(const std::string& name, const std::string& content = "content") {
        return add({.name = name}, content);
    }

    TarBuilder& folder(const std::string& name) {
        return add({.name = name, .type = '5', .mode = 0755});
    }

    TarBuilder& link(const std::string& name, const std::string& target) {
        return add({.name = name, .type = '2', .link = target, .mode = 0777});
    }

    TarBuilder& hard_link(const std::string& name, const std::string& target) {
        return add({.name = name, .type = '1', .link = target});
    }

    /// A pax record of the next entry.
    TarBuilder& record(const std::string& key, const std::string& value) {
        const std::string rest = " " + key + "=" + value + "\n";
        std::size_t length = rest.size() + 1;
        while (std::to_string(length).size() + rest.size() > length) {
            ++length;
        }
        records_ += std::to_string(length) + rest;
        return *this;
    }

    /// A header that promises more than follows.
    TarBuilder& header(const Header& header, std::uint64_t size) {
        add_header(header, size);
        return *this;
    }

    [[nodiscard]] std::string unfinished() const { return bytes_; }

    [[nodiscard]] std::string finished() const { return bytes_ + std::string(1024, '\0'); }

private:
    TarBuilder& add_member(const Header& header, const std::string& content) {
        add_header(header, content.size());
        bytes_ += content;
        bytes_.resize((bytes_.size() + 511) / 512 * 512, '\0');
        return *this;
    }

    void add_header(const Header& header, std::uint64_t size) {
        std::string block(512, '\0');
        block.replace(0, header.name.size(), header.name);
        put(block, 100, 8, header.mode);
        put(block, 108, 8, header.user);
        put(block, 116, 8, header.group);
        put(block, 124, 12, size);
        put(block, 136, 12, 1700000000);
        block.replace(148, 8, 8, ' ');
        block[156] = header.type;
        block.replace(157, header.link.size(), header.link);
        block.replace(257, 8, std::string("ustar\00000", 8));
        unsigned sum = 0;
        for (const char byte : block) {
            sum += static_cast<unsigned char>(byte);
        }
        put(block, 148, 7, sum);
        bytes_ += block;
    }

    static void put(std::string& block, std::size_t at, std::size_t width, std::uint64_t number) {
        char text[24];
        std::snprintf(text,
                      sizeof(text),
                      "%0*llo",
                      static_cast<int>(width - 1),
                      static_cast<unsigned long long>(number));
        block.replace(at, width - 1, text);
    }

    std::string bytes_;
    std::string records_;
};

} // namespace kiln::tests
