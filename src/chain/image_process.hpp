#pragma once

#include "chain/image_chain.hpp"
#include "chain/run_view.hpp"
#include "process/child_process.hpp"
#include "process/line_buffer.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kiln::chain {

/// The chain of one image in a process of its own. When this process ends, it is asked to end.
class ImageProcess {
public:
    ImageProcess(const ImageDefinition& image,
                 const std::function<ImageOutcome(const ChainTools&)>& chain,
                 const Caller& caller,
                 RunView& view);
    ImageProcess(const ImageProcess&) = delete;
    ImageProcess& operator=(const ImageProcess&) = delete;
    ImageProcess(ImageProcess&&) = delete;
    ImageProcess& operator=(ImageProcess&&) = delete;
    ~ImageProcess() = default;

    /// The end of its pipe.
    [[nodiscard]] int output() const noexcept { return child_.output(); }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Reads what is there and tells the view; false at the end.
    bool read_some();

    void ask_to_end() const { child_.ask_to_end(); }

    /// After the end: what became of it.
    ImageOutcome finish();

private:
    void take(const std::string& line);

    std::string name_;
    RunView& view_;
    process::ChildProcess child_;
    process::LineBuffer lines_;
    std::string outcome_text_;
};

} // namespace kiln::chain
