//! What a shell makes of the commands, whatever the values in them say.

use goldsmith_domain::escape::printable;

use super::{EAST, copied_to, desired, key, verified};
use crate::consumer::commands;
use crate::shell::tests::{HOSTILE, calls};

#[test]
fn a_shell_sees_each_value_as_one_argument() {
    for hostile in HOSTILE {
        let mut served = verified(&desired(), &copied_to().id, &[key(EAST)]);
        served.building = hostile.to_owned();
        served.keys[0].1 = hostile.to_owned();
        served.subnets = vec![hostile.to_owned()];
        served.consumer.keys.clear();
        let seen = printable(hostile);
        let deploy = calls("aws", &commands::deploy(&served));
        assert_eq!(deploy.len(), 1, "{hostile:?}");
        for expected in [
            format!("BuildingAccount={seen}"),
            format!("KeyArns={seen},{EAST}"),
            "LaunchRoleName=mstr-launch".to_owned(),
        ] {
            assert!(deploy[0].contains(&expected), "{expected}: {deploy:?}");
        }
        let admin = served.consumer.grant_admin.clone().expect("an admin");
        let grants = calls("aws", &commands::grants(&served, &admin).join("\n"));
        let given = |call: &Vec<String>, name: &str| {
            let at = call
                .iter()
                .position(|word| word == name)
                .expect("an option");
            call[at + 1].clone()
        };
        let keys: Vec<_> = grants.iter().map(|call| given(call, "--key-id")).collect();
        assert_eq!(keys, [seen, EAST.to_owned()], "{hostile:?}");
    }
}
