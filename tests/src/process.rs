//! Processes, as `/proc` shows them.

use std::fs;
use std::path::Path;

/// A living process; a zombie is not living.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// Its parent's id.
    pub parent: u32,
    /// The leader of its group.
    pub group: u32,
    /// The name of its executable, shortened to 15 bytes by the kernel.
    pub name: String,
}

impl Process {
    /// The most memory that it has held at once, in KiB (`VmHWM`).
    pub fn peak_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// The value of a variable that it was started with.
    pub fn variable(&self, name: &str) -> Option<String> {
        let environment = fs::read(format!("/proc/{}/environ", self.id)).ok()?;
        let entries = environment
            .split(|&byte| byte == 0)
            .map(String::from_utf8_lossy);
        let mut values = entries.filter_map(|entry| {
            let (key, value) = entry.split_once('=')?;
            (key == name).then(|| value.to_owned())
        });
        values.next()
    }

    /// `/proc/<id>/stat` is `id (name) state parent group ...`, where the name may hold anything.
    fn read(folder: &Path) -> Option<Self> {
        let id = folder.file_name()?.to_str()?.parse().ok()?;
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        let (id_and_name, rest) = stat.rsplit_once(')')?;
        let name = id_and_name.split_once('(')?.1.to_owned();
        let mut fields = rest.split_whitespace();
        let is_zombie = fields.next()? == "Z";
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        (!is_zombie).then_some(Self {
            id,
            parent,
            group,
            name,
        })
    }
}

/// Every living process.
pub fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|entry| Process::read(&entry.path()))
        .collect()
}

/// The living processes of a group.
pub fn group_members(group: u32) -> Vec<Process> {
    processes()
        .into_iter()
        .filter(|process| process.group == group)
        .collect()
}
