//! Attacks: each plays somebody who must not get anything, and asserts what must hold.
//!
//! docs/threat-model.md names the attackers, what stops each of them, and the test here that shows it.
//! An attacker uploads a document, or calls the embedded AWS as an account, a role or a consumer.

mod documents;
mod parameters;
mod payloads;
mod publications;
mod texts;
