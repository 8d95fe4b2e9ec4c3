//! Who reads what is printed? Whoever stops reading (`| head -1`) ends the program, quietly and as SIGPIPE ends others.
//!
//! The macros stand in this crate for those of the standard library, which take a reader who has gone for a bug and panic.
//! A run that acts on a target must not end with its reader: it says what it says by [`note`].

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};

use crate::exit::Exit;

macro_rules! print {
    ($($part:tt)*) => { $crate::printing::out(format_args!($($part)*)) };
}

macro_rules! println {
    () => { $crate::printing::out(format_args!("\n")) };
    ($($part:tt)*) => { $crate::printing::out(format_args!("{}\n", format_args!($($part)*))) };
}

macro_rules! eprint {
    ($($part:tt)*) => { $crate::printing::err(format_args!($($part)*)) };
}

macro_rules! eprintln {
    ($($part:tt)*) => { $crate::printing::err(format_args!("{}\n", format_args!($($part)*))) };
}

/// Prints a result.
pub(crate) fn out(text: Arguments<'_>) {
    written(io::stdout().lock().write_fmt(text));
}

/// Ends the program where a result could not be printed.
pub(crate) fn written(result: io::Result<()>) {
    let Err(error) = result else { return };
    unless_unread(&error);
    let _ = writeln!(io::stderr(), "zdu: cannot print the result: {error}; send it elsewhere");
    std::process::exit(i32::from(Exit::Usage.code()));
}

/// Prints a note. What else keeps it from being written loses nothing of the result.
pub(crate) fn err(text: Arguments<'_>) {
    if let Err(error) = io::stderr().lock().write_fmt(text) {
        unless_unread(&error);
    }
}

/// A line on stderr, if anybody is still there to read it; of a run that goes on to its end.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn unless_unread(error: &io::Error) {
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(i32::from(Exit::Unread.code()));
    }
}
