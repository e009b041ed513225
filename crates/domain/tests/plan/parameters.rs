//! Parameters that recipes are built on: what is read of them, and what is told.

use goldsmith_domain::desired::{BaseImage, Desired};
use goldsmith_domain::observed::Depth;
use goldsmith_domain::plan::{Index, requirements};
use goldsmith_domain::resources::Wanted;
use insta::assert_snapshot;

use crate::plan::settled;
use crate::world::{World, based, desired, stack};

fn on(name: &str) -> Desired {
    let base = BaseImage::Parameter(name.parse().expect("a parameter"));
    Desired {
        recipes: vec![based("a", base)],
        scheduled: Vec::new(),
        ..desired()
    }
}

fn refused(wanted: &Desired) -> String {
    let refused = World::new().plan(wanted).refused;
    refused.iter().map(|(_, why)| why.to_string()).collect()
}

#[test]
fn a_name_that_the_stack_does_not_read_is_refused_and_nobody_is_asked() {
    let names = [
        "/prod/db/password",
        "/aws/reference/secretsmanager/db",
        "/Goldsmith/base",
        "/goldsmithy/base",
        "password",
    ];
    for name in names {
        let wanted = on(name);
        let told = refused(&wanted);
        assert!(told.ends_with("it was not looked up"), "{name}: {told}");
        for depth in [Depth::Digest, Depth::Content] {
            let observed = World::new().observe(&wanted);
            let stack = stack();
            let asked = requirements(
                Index::new(&Wanted::new(&wanted, &stack), &observed).view(),
                depth,
            )
            .catalog;
            assert!(asked.expect("a catalog").parameters.is_empty(), "{name}");
        }
    }
    assert_snapshot!(refused(&on(names[0])), @"the parameter /prod/db/password is neither below /goldsmith/ nor below /aws/service/, and this stack reads no other; it was not looked up");
}

#[test]
fn what_gives_no_ami_id_has_one_sentence() {
    assert_snapshot!(refused(&on("/goldsmith/other")), @"the parameter /goldsmith/other gives no AMI id: it is missing in this account and Region, may not be read, is not of the type String, or has another value; `aws ssm get-parameter` shows which to whoever may read it");
    assert_eq!(refused(&on("/goldsmith/base")), "");
}

/// A name decides, so that the answer is the same before and after something was built.
#[test]
fn a_recipe_on_a_name_that_is_no_longer_read_keeps_what_it_has() {
    let wanted = on("/goldsmith/base");
    let mut world = settled(&wanted);
    let mut forbidden = wanted;
    forbidden.recipes[0] = on("/prod/base").recipes.remove(0);
    let before = world.pipeline("a").clone();
    world.settle(&forbidden);
    assert_eq!(world.pipeline("a"), &before);
    assert_eq!(world.plan(&forbidden).refused.len(), 1);
}
