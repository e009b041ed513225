//! The text of what there are many of: ids, names, Regions, accounts and tags.

/// A text that needs no heap up to 23 bytes, which is an AMI's id, an account or a Region. Ten thousand
/// images have a third of a million such texts.
pub(crate) type Text = smol_str::SmolStr;
