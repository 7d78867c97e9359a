#pragma once

#include "disk/formats.hpp"

#include <string>

namespace kiln::disk {

/// qemu-img puts random ids, and the time, into vhd, vhdx, vmdk and vdi files: they are set anew,
/// so that the same disk gives the same file. Other formats have none. Throws Error for a file that
/// is not as qemu-img writes it.
void settle_ids(ImageFormat format, const std::string& path, const ImageIds& ids);

/// The part for vhdx ([MS-VHDX] 2.2): ids and sequence numbers of both headers, the log, which must
/// hold nothing to replay, and the page 83 id.
void settle_vhdx(const std::string& path, const ImageIds& ids);

} // namespace kiln::disk
