//! How does one get from here to there? Advice for people, situations, shortest ways between them, and the way home for a driver.

pub mod advice;
pub mod plan;
pub mod reading;
pub mod route;
pub mod situation;
pub mod statuses;
