//! Ids of executions. An id is computed from the image's number and the position within it, and
//! leads back to both. So ten thousand finished images need neither stored ids nor an index.

use sha2::{Digest, Sha256};

/// Bytes of a UUID that carry the place, veiled; those before them are a check of it. None of them
/// is one that a UUID's version and variant overwrite.
const VEILED: usize = 7;

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The image's number.
    pub image: u32,
    /// The execution's position in the image.
    pub execution: u16,
    /// The step's position in the workflow.
    pub step: u8,
}

impl Position {
    fn bytes(self) -> [u8; VEILED] {
        let packed =
            u64::from(self.image) << 24 | u64::from(self.execution) << 8 | u64::from(self.step);
        let bytes = packed.to_be_bytes();
        std::array::from_fn(|index| bytes[8 - VEILED + index])
    }

    fn of(bytes: [u8; VEILED]) -> Option<Self> {
        let packed = bytes
            .into_iter()
            .fold(0, |packed, byte| packed << 8 | u64::from(byte));
        Some(Self {
            image: u32::try_from(packed >> 24).ok()?,
            execution: u16::try_from(packed >> 8 & 0xffff).ok()?,
            step: u8::try_from(packed & 0xff).ok()?,
        })
    }
}

/// `wf-<uuid>`
pub(crate) fn execution(image: u32, execution: usize) -> String {
    format!("wf-{}", uuid("wf", place(image, execution, 0)))
}

/// `step-<uuid>`
pub(crate) fn step(image: u32, execution: usize, step: usize) -> String {
    format!("step-{}", uuid("step", place(image, execution, step)))
}

/// Where an execution is, if the id was made here.
pub(crate) fn find_execution(id: &str) -> Option<Position> {
    found("wf", id.strip_prefix("wf-")?)
}

/// Where a step is, if the id was made here.
pub(crate) fn find_step(id: &str) -> Option<Position> {
    found("step", id.strip_prefix("step-")?)
}

/// A UUID that belongs to a step, for what a step makes: a command, an association.
pub(crate) fn made_by(what: &str, step: &str) -> String {
    derived(what, step).to_string()
}

fn derived(what: &str, step: &str) -> uuid::Uuid {
    let digest = Sha256::digest(format!("{what} {step}"));
    uuid::Builder::from_random_bytes(std::array::from_fn(|index| digest[index])).into_uuid()
}

/// An EC2 instance's id that belongs to a step.
pub(crate) fn instance(step: &str) -> String {
    let hexadecimal = derived("instance", step).simple().to_string();
    format!("i-0{}", &hexadecimal[..16])
}

fn place(image: u32, execution: usize, step: usize) -> Position {
    Position {
        image,
        execution: u16::try_from(execution).unwrap_or(u16::MAX),
        step: u8::try_from(step).unwrap_or(u8::MAX),
    }
}

fn uuid(what: &str, place: Position) -> uuid::Uuid {
    let plain = place.bytes();
    let digest = Sha256::digest([what.as_bytes(), &plain].concat());
    let mut bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    bytes = uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .into_bytes();
    let veil = veil(&bytes);
    for (index, byte) in plain.into_iter().enumerate() {
        bytes[16 - VEILED + index] = byte ^ veil[index];
    }
    uuid::Uuid::from_bytes(bytes)
}

/// Hides the place behind a digest of the bytes that check it: ids in sequence look unlike.
fn veil(bytes: &[u8; 16]) -> [u8; VEILED] {
    let digest = Sha256::digest(&bytes[..16 - VEILED]);
    std::array::from_fn(|index| digest[index])
}

fn found(what: &str, text: &str) -> Option<Position> {
    let wanted = uuid::Uuid::try_parse(text).ok()?;
    let bytes = wanted.into_bytes();
    let veil = veil(&bytes);
    let place = Position::of(std::array::from_fn(|index| {
        bytes[16 - VEILED + index] ^ veil[index]
    }))?;
    (uuid(what, place) == wanted).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_and_no_other_does() {
        for (image, position, number) in [(0, 0, 0), (1, 2, 3), (u32::MAX, 700, 14)] {
            let id = step(image, position, number);
            let found = find_step(&id).unwrap();
            assert_eq!(
                (found.image, found.execution, found.step),
                place_of(image, position, number)
            );
            assert_eq!(find_step(&id.replace("step-", "wf-")), None);
            assert_eq!(find_execution(&id.replace("step-", "wf-")), None);
            assert!(find_execution(&execution(image, position)).is_some());
        }
        assert_eq!(find_step("step-165b1cb6-3a62-4618-a021-94ddcbe32908"), None);
        assert_ne!(step(1, 0, 0), step(1, 0, 1));
    }

    fn place_of(image: u32, execution: usize, step: usize) -> (u32, u16, u8) {
        let place = place(image, execution, step);
        (place.image, place.execution, place.step)
    }
}
