#pragma once

#include "workspace.hpp"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kiln::tests {

/// Elements that use one another, their environment and the tree in many ways, in a workspace, and
/// random changes of one input at a time. Always the same for a seed.
class CacheElements {
public:
    CacheElements(Workspace& space, unsigned seed);

    /// Changes one input; says which.
    std::string change();

    /// The words of the build of the elements as they are now.
    [[nodiscard]] std::vector<std::string> words() const;

private:
    struct File {
        std::string content;
        unsigned mode = 0644;
    };

    using Files = std::map<std::string, File>;

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_()) % limit; }

    std::string any_of(const std::vector<std::string>& names);
    std::vector<std::string> hooks() const;
    std::vector<std::string> data() const;

    std::string change_text_of_a_hook();
    std::string change_content();
    std::string change_mode();
    std::string change_variable();
    std::string rename_a_hook();
    std::string toggle_a_file();
    std::string toggle_an_element();
    std::string change_the_order();
    std::string change_packages();
    std::string change_layout();
    std::string turn_a_link();

    /// Brings the folder to what files_ says, touching only what differs.
    void write();

    Workspace& space_;
    std::mt19937 random_;
    Files files_;
    Files written_;
    int version_ = 0;
    std::string direct_ = "elements/beta/install.d/20-direct";
    std::string link_ = "one";
    std::map<std::string, std::string> variables_;
    std::vector<std::string> packages_;
    std::vector<std::string> layout_;
    std::set<std::string> more_;
    bool turned_ = false;
};

} // namespace kiln::tests
