//! Post-processors: what Packer does with an AMI after it is baked.

use super::template::Block;
use crate::ledger::Ledger;
use crate::outcome::LeftKind;

/// Reports each of them; goldsmith publishes, shares and copies by itself.
pub(super) fn report(blocks: &[Block], ledger: &mut Ledger) {
    for block in blocks {
        let (kind, why, hint) = match block.kind.as_str() {
            "manifest" => (
                LeftKind::Unneeded,
                "every image is published in images/<recipename>/image.json and in a parameter",
                "",
            ),
            "amazon-ami-management" => (
                LeftKind::Unsupported,
                "goldsmith removes no AMI of a finished build",
                "keep what removes old AMIs, and let it leave AMIs that are in use",
            ),
            "shell-local" | "shell" => (
                LeftKind::Unsupported,
                "nothing of goldsmith runs commands on the machine of a build server",
                "let a program act on the event `Image Promoted`; see docs/events.md",
            ),
            _ => (
                LeftKind::Unsupported,
                "goldsmith has no post-processors",
                "let a program act on the event `Image Promoted`; see docs/events.md",
            ),
        };
        if hint.is_empty() {
            ledger.left(kind, &block.place, &block.kind, why);
        } else {
            ledger.hinted(kind, &block.place, &block.kind, why, hint);
        }
    }
}
