//! Advice that a tired person may follow: proven over every reachable state, and shown on cases written by hand.
//!
//! `follow` is an operator who does what the list says, in the model of the spec alone; `proof` lets that operator loose on
//! every reachable state, with everything that may happen by itself and with one fault more; `cases` says by hand what the
//! list must be.

mod cases;
mod follow;
mod proof;
