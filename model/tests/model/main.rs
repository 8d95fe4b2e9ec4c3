//! The model against the specification, closed forms and other engines. One program, so that its long tests run beside each other.

mod advice;
mod all_sizes;
mod belief;
mod certificate;
mod counts;
mod course;
mod engines;
mod export;
mod leads;
mod linearizability;
mod liveness;
mod nearest;
mod plan;
mod procedure;
mod properties;
mod race;
mod roster;
mod rotation;
mod route;
mod scenarios;
mod settling;
mod space;
mod suite;
mod vacuity;
mod versions;
mod watch;
