//! Which nodes of a graph reach each other, and how high the rest is stacked.

use std::collections::{BTreeMap, BTreeSet};

/// Each node, and the nodes that it points to.
pub(super) type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The nodes in groups: the members of a group all reach each other.
pub(super) fn components(arrows: &Arrows) -> Vec<BTreeSet<String>> {
    let reachable: BTreeMap<&String, BTreeSet<&String>> = arrows
        .keys()
        .map(|node| (node, reachable(arrows, node)))
        .collect();
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for (node, reached) in &reachable {
        if groups.iter().any(|group| group.contains(*node)) {
            continue;
        }
        let back = reached.iter().filter(|to| reachable[**to].contains(node));
        groups.push(back.chain([node]).map(|member| (*member).clone()).collect());
    }
    groups
}

fn reachable<'a>(arrows: &'a Arrows, start: &String) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = arrows[start].iter().collect();
    while let Some(node) = open.pop() {
        if found.insert(node) {
            open.extend(arrows.get(node).into_iter().flatten());
        }
    }
    found
}

/// The longest way downwards, in nodes. A group of nodes that reach each other is one floor.
pub(super) fn floors(arrows: &Arrows) -> usize {
    let groups = components(arrows);
    let mut heights = BTreeMap::new();
    let all = 0..groups.len();
    all.map(|group| height(arrows, &groups, group, &mut heights))
        .max()
        .unwrap_or_default()
}

fn height(
    arrows: &Arrows,
    groups: &[BTreeSet<String>],
    group: usize,
    known: &mut BTreeMap<usize, usize>,
) -> usize {
    if let Some(height) = known.get(&group) {
        return *height;
    }
    let below: BTreeSet<usize> = groups[group]
        .iter()
        .flat_map(|node| &arrows[node])
        .filter_map(|to| groups.iter().position(|members| members.contains(to)))
        .filter(|other| *other != group)
        .collect();
    let highest = below
        .into_iter()
        .map(|other| height(arrows, groups, other, known));
    let height = 1 + highest.max().unwrap_or_default();
    known.insert(group, height);
    height
}
