//! Layers and what variables become, from the words of the framework's manual.

mod becomes;
mod environment;
mod hostile;
mod page;
mod precedence;
mod properties;
mod support;
mod written;
