//! How does one get from here to there? Situations, shortest ways between them, and the way home for a driver.

pub mod plan;
pub mod reading;
pub mod route;
pub mod situation;
pub mod statuses;
