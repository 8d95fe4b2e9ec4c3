//! What explains what was seen of an endpoint, and which rule is broken when nothing does? (section 8)

pub mod belief;
pub mod blame;
pub mod race;
pub mod watch;
