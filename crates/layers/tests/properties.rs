//! What holds for any values in any layers.

use goldsmith_domain::document::Json;
use goldsmith_domain::problem::Place;
use goldsmith_layers::{Given, Layer, Origin, Source, merge};
use proptest::collection::vec;
use proptest::prelude::*;

const LAYERS: [Layer; 6] = [
    Layer::Default,
    Layer::Configuration,
    Layer::Documents,
    Layer::Project,
    Layer::Environment,
    Layer::Command,
];

/// Few names, so that many values are of one variable; a place says which of all values it is.
fn any_given() -> impl Strategy<Value = Vec<Given>> {
    let value = prop_oneof![
        Just(Json::Null),
        (0..4_u8).prop_map(|n| Json::Number(n.to_string())),
    ];
    let one = (0..3_u8, 0..LAYERS.len(), value);
    let number = |all: Vec<(u8, usize, Json)>| {
        let numbered = (1..).zip(all);
        numbered
            .map(|(line, (name, layer, value))| Given {
                name: name.to_string(),
                value,
                origin: Origin {
                    layer: LAYERS[layer],
                    source: Source::File(Place {
                        line,
                        ..Place::start_of("f")
                    }),
                },
            })
            .collect()
    };
    vec(one, 0..24).prop_map(number)
}

fn line(origin: &Origin) -> usize {
    origin.place().expect("a file").line
}

proptest! {
    #[test]
    fn merging_is_deterministic(given in any_given()) {
        prop_assert_eq!(merge(given.clone()), merge(given));
    }

    /// Values of different layers may come in any order.
    #[test]
    fn only_the_order_within_a_layer_matters(given in any_given(), order in any::<u64>()) {
        let mut layers = LAYERS;
        layers.rotate_left((order % 6) as usize);
        if order % 2 == 0 {
            layers.reverse();
        }
        let by_layer = |layer: &Layer| {
            let of_layer = given.iter().filter(|given| given.origin.layer == *layer);
            of_layer.cloned().collect::<Vec<_>>()
        };
        let shuffled: Vec<Given> = layers.iter().flat_map(by_layer).collect();
        prop_assert_eq!(merge(shuffled), merge(given));
    }

    /// The value that counts is of the last layer that has one, and the last in it.
    #[test]
    fn later_layers_win(given in any_given()) {
        let variables = merge(given.clone());
        for name in ["0", "1", "2"] {
            let set = given.iter().filter(|given| given.name == name && given.value != Json::Null);
            let last = set.max_by_key(|given| (given.origin.layer, line(&given.origin)));
            let found = variables.get(name);
            prop_assert_eq!(found.map(|found| &found.value), last.map(|last| &last.value));
            prop_assert_eq!(found.map(|found| &found.origin), last.map(|last| &last.origin));
        }
    }

    /// What is named as the origin of a value really has it, and no value is lost or named twice.
    #[test]
    fn an_origin_holds_the_value_that_it_is_named_for(given in any_given()) {
        let variables = merge(given.clone());
        let mut seen = Vec::new();
        for variable in variables.values() {
            let own = (&variable.value, &variable.origin);
            let overrode = variable.overrode.iter().map(|one| (&one.value, &one.origin));
            let mut before = None;
            for (value, origin) in std::iter::once(own).chain(overrode) {
                let holder = &given[line(origin) - 1];
                prop_assert_eq!((&holder.name, &holder.value), (&variable.name, value));
                let rank = (origin.layer, line(origin));
                prop_assert!(before.is_none_or(|before| rank < before));
                before = Some(rank);
                seen.push(line(origin));
            }
        }
        let set = given.iter().filter(|given| given.value != Json::Null);
        prop_assert_eq!(seen.len(), set.count());
    }
}
