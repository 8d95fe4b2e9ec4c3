//! What is replayed? Traces, the scenarios that write them, and suites that are worth their cost (section 8).

pub mod scenario;
pub mod suite;
pub mod trace;
