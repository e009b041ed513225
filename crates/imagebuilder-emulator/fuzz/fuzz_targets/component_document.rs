//! Any text as a component document: parsed or refused, never a panic, never without end.
#![no_main]

use imagebuilder_emulator::parse_component_document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(reason) = parse_component_document(text, "Linux") {
        assert!(!reason.is_empty());
    }
});
