//! The command line as people and scripts meet it: the real binary, its output and its exit code.

mod apply;
mod configuration;
mod doctor;
mod explain;
mod formats;
mod history;
mod import;
mod init;
mod layers;
mod layers_hostile;
mod layers_upload;
mod look;
mod offline;
mod operate;
mod overview;
mod pull;
mod results;
mod run;
mod stand_in;
mod wait;
