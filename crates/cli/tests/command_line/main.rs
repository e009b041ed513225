//! The command line as people and scripts meet it: the real binary, its output and its exit code.

mod apply;
mod history;
mod import;
mod init;
mod look;
mod offline;
mod operate;
mod results;
mod run;
mod stand_in;
mod wait;
