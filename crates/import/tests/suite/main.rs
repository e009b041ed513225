//! Examples as people have them, and what must become of each: every document, and everything that is left.

mod hostile;
mod packer;
mod rake;
mod run;
mod terraform;
