fn main() {
    println!("zdu");
}
