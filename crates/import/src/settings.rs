//! What the caller decides about an import.

/// What the documents get that no source says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The environment, by the name of the folder that is written.
    pub environment: String,
    /// The product family; `golden` if there is none.
    pub family: Option<String>,
    /// The building Region, where the source does not name one or names it by a computation.
    pub region: Option<String>,
    /// What recipes are built on whose base AMI is not known from the source.
    pub base: Option<String>,
    /// The file to import, by its path in the folder; none if the folder is asked for.
    pub template: Option<String>,
    /// The name of the source's folder; it names what has no name of its own.
    pub name: String,
}
