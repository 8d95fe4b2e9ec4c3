//! What came of a read? The answer, understood, and whether it is explained.

use crate::judge::event::Silence;
use crate::judge::roster::Told;
use crate::judge::served::Misshape;

/// An answer to a read, understood.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    /// Nobody answered.
    Nobody(Silence),
    /// Another shape than section 1 gives.
    Bad(Misshape),
    /// In the model's words.
    Seen(Told),
}

/// What came of taking an answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is explained.
    Explained,
    /// It is not, or says nothing.
    Not,
}
