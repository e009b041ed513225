use super::*;

fn graph(sources: &[(&str, &str)]) -> ImportGraph {
    ImportGraph::of_sources(sources.iter().copied())
}

fn imports(graph: &ImportGraph) -> Vec<String> {
    graph.imports().iter().map(Import::to_string).collect()
}

fn loops(graph: &ImportGraph) -> Vec<Vec<String>> {
    let loops = graph.loops().into_iter();
    loops.map(|one| one.modules.into_iter().collect()).collect()
}

#[test]
fn two_modules_that_import_each_other_are_a_loop() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "fn f() { super::a::f() }"),
    ]);
    assert_eq!(loops(&graph), [["a", "b"]]);
    assert_eq!(graph.loops()[0].imports.len(), 2);
    assert_eq!(graph.largest_knot(), 2);
}

#[test]
fn a_chain_is_no_loop_and_has_a_floor_for_each_module() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::{b, c::C};"),
        ("b.rs", "use crate::c;"),
        ("c.rs", ""),
        ("d.rs", ""),
    ]);
    assert_eq!(loops(&graph), Vec::<Vec<String>>::new());
    assert_eq!(graph.floors(""), 3);
    assert_eq!(graph.largest_knot(), 0);
}

#[test]
fn a_loop_through_submodules_is_one_of_their_parents() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod x; mod y;"),
        ("a/x.rs", "use crate::b::X;"),
        ("a/y.rs", ""),
        ("b.rs", "use crate::a::y::Y;"),
    ]);
    assert_eq!(loops(&graph), [["a", "b"]]);
    assert_eq!(graph.largest_knot(), 0);
}

#[test]
fn a_parent_and_its_child_may_import_each_other() {
    let graph = graph(&[
        ("lib.rs", "mod a; use a::A; pub struct Root;"),
        ("a/mod.rs", "mod x; use self::x::X; use crate::Root;"),
        ("a/x.rs", "use super::A; use crate::Root;"),
    ]);
    assert_eq!(
        imports(&graph),
        [" -> a", "a -> ", "a -> a::x", "a::x -> ", "a::x -> a"]
    );
    assert!(loops(&graph).is_empty());
}

#[test]
fn siblings_in_a_folder_may_not_import_each_other() {
    let graph = graph(&[
        ("lib.rs", "mod a;"),
        ("a.rs", "mod x; mod y; mod z;"),
        ("a/x.rs", "use super::y::Y;"),
        ("a/y.rs", "use super::z::Z;"),
        ("a/z.rs", "use crate::a::x;"),
    ]);
    assert_eq!(loops(&graph), [["a::x", "a::y", "a::z"]]);
    assert_eq!(graph.floors("a"), 1);
    assert_eq!(graph.floors(""), 1);
}

#[test]
fn a_re_export_counts_for_the_module_it_comes_from() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b; pub use self::a::Thing;"),
        (
            "a/mod.rs",
            "mod x; mod y; pub(crate) use self::x::Thing as Thing;",
        ),
        ("a/x.rs", "use super::y::Y;"),
        ("a/y.rs", "use super::Thing;"),
        ("b.rs", "use crate::Thing;"),
    ]);
    assert_eq!(loops(&graph), [["a::x", "a::y"]]);
    assert!(imports(&graph).contains(&"b -> a::x".to_owned()));
}

#[test]
fn re_exports_in_a_circle_end() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::T;"),
        ("b.rs", "pub use crate::a::T;"),
    ]);
    assert_eq!(loops(&graph), [["a", "b"]]);
}

#[test]
fn nested_braces_aliases_and_globs_are_read() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        (
            "a.rs",
            "pub(crate) use crate::{b::{self, B, x::{X as Y}}, c as other, d::*}; \
             fn f() { other::g(); b::x::h() } \
             fn g() -> impl Sized + use<> { crate::e::f::<u8>() }",
        ),
        ("b/mod.rs", "mod x;"),
        ("b/x.rs", ""),
        ("c.rs", ""),
        ("d.rs", ""),
        ("e.rs", ""),
    ]);
    assert_eq!(
        imports(&graph),
        ["a -> b", "a -> b::x", "a -> c", "a -> d", "a -> e"]
    );
}

#[test]
fn what_is_imported_by_name_is_followed_in_paths() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b; fn f() { b::x::f() }"),
        ("b.rs", "pub mod x { use super::super::a; }"),
    ]);
    assert_eq!(imports(&graph), ["a -> b", "a -> b::x", "b::x -> a"]);
    assert_eq!(loops(&graph), [["a", "b"]]);
}

#[test]
fn tests_comments_texts_and_visibility_do_not_count() {
    let source = r##"
        // use crate::b;
        /* crate::b::f() /* crate::b */ */
        pub(in crate::b) struct S<'a>(&'a str, pub (u8, u8));
        fn f() -> char { let _ = "crate::b::f()"; r#"crate::b::"f()"#; b'"'; '\''; '"' }
        fn g() { ::b::h(); <S as Clone>::clone(); std::b::f() }
        #[cfg(test)]
        use crate::b::B;
        #[cfg(test)]
        #[derive(Debug)]
        mod tests { use crate::b; fn f() { crate::b::f() } }
        #[cfg(test)]
        mod more;
        #[cfg(not(test))]
        use crate::c;
    "##;
    let graph = graph(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", source),
        ("a/more.rs", "use crate::b;"),
        ("b.rs", ""),
        ("c.rs", ""),
    ]);
    assert_eq!(imports(&graph), ["a -> c"]);
    assert!(!graph.modules().contains("a::more"));
}

#[test]
fn an_import_of_a_higher_layer_is_found() {
    let graph = graph(&[
        ("lib.rs", "mod low; mod middle; mod high;"),
        ("low.rs", "use crate::high::H;"),
        ("middle/mod.rs", "mod special;"),
        ("middle/special.rs", "use crate::low::L;"),
        ("high.rs", "use crate::middle::M; use crate::low::L;"),
    ]);
    let layers: &[&[&str]] = &[&["low"], &["middle"], &["high"]];
    assert_eq!(
        graph.against(layers),
        ["low -> high points to a higher layer"]
    );
    let own_layer: &[&[&str]] = &[&["middle::special"], &["low", "high"]];
    assert_eq!(
        graph.against(own_layer),
        ["middle::special -> low points to a higher layer"]
    );
    assert_eq!(
        graph.against(&[&["low", "high"]]),
        [
            "middle belongs to no layer",
            "middle::special belongs to no layer"
        ]
    );
}
