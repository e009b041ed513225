//! Links the function at a fixed address. A position-independent binary carries a list of all addresses in it,
//! which are moved at each cold start: a twentieth of the zip, and a fifth of the start. It costs the random
//! address of the binary itself; stack, heap and libraries keep theirs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if is_release {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
