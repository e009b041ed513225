//! The operations of both services: only handlers. Each reads its request, checks it and answers.

pub(crate) mod ec2;
pub(crate) mod imagebuilder;
