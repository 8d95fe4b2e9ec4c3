//! How is a run told? As text, as JSON, as JUnit XML and as one HTML file, all from one [`Report`](crate::verdict::Report).
//!
//! No format counts anything of its own: numbers come from the report and from [`words`], so that all tell the same.
//! Everything that came from a target is untrusted here: [`words::clean`] takes out what could steer a terminal or
//! spoil XML, and each format escapes in its own way.

pub mod json;
pub mod next;
pub mod text;
pub mod words;
