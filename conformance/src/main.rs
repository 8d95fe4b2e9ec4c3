//! The program.

fn main() -> std::process::ExitCode {
    zdu_conformance::cli::main()
}
