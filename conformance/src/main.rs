//! The program.
fn main() {
    println!("zdu");
}
