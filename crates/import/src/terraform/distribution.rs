//! Distribution configurations: Regions, keys, names, and who may launch the images of each recipe.

use super::account_in;
use super::pipelines::Pipeline;
use super::resources::{Resource, items};
use crate::draft::tags::{self, Tags};
use crate::draft::{Consumer, Draft, Grant, agree};
use crate::fields::Fields;
use crate::ledger::Ledger;
use crate::outcome::{LeftKind, Place};
use crate::valid;
use crate::value::Value;

/// What Image Builder replaces by the date of a build.
const DATE: &str = "{{ imagebuilder:buildDate }}";

pub(super) fn read(
    resources: &[Resource],
    recipes: &[&Resource],
    pipelines: &[Pipeline],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let kind = "aws_imagebuilder_distribution_configuration";
    let all = resources.iter().filter(|resource| resource.kind == kind);
    for resource in all {
        let arn = resource.text("arn");
        let of_it = pipelines
            .iter()
            .filter(|pipeline| pipeline.distribution == arn);
        let arns: Vec<&str> = of_it.map(|pipeline| pipeline.recipe.as_str()).collect();
        let served: Vec<usize> = recipes
            .iter()
            .enumerate()
            .filter(|(_, recipe)| arns.contains(&recipe.text("arn").as_str()))
            .map(|(index, _)| index)
            .collect();
        if served.is_empty() {
            let why = "no pipeline of a recipe that was taken over uses it";
            ledger.left(
                LeftKind::Unneeded,
                &resource.place,
                &resource.text("name"),
                why,
            );
            continue;
        }
        one(resource, &served, account_in(&arn), draft, ledger);
    }
}

fn one(
    resource: &Resource,
    served: &[usize],
    account: &str,
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let place = resource.place.key("distribution");
    for (index, block) in items(resource.values.get("distribution"))
        .iter()
        .enumerate()
    {
        let place = place.item(index);
        let mut fields = Fields::new(block, &place);
        let Some(region) = fields.valid("region", &valid::REGION, ledger) else {
            continue;
        };
        draft.region(&region);
        for index in served {
            if let Some(entry) = draft.entries.get_mut(*index) {
                entry.regions.push(region.clone());
            }
        }
        for images in items(fields.take("ami_distribution_configuration")) {
            let place = place.key("ami_distribution_configuration");
            let target = Target {
                region: &region,
                served,
                account,
            };
            target.images(&images, &place, draft, ledger);
        }
        parameters(&mut fields, &region, served, draft, ledger);
        templates(&mut fields, &region, served, draft, ledger);
        fields.unsupported(
            &[
                "s3_export_configuration",
                "fast_launch_configuration",
                "license_configuration_arns",
                "container_distribution_configuration",
            ],
            "goldsmith distributes AMIs only, and sets nothing else for them",
            "keep it where it is for the images that it has made",
            ledger,
        );
        fields.finish(ledger);
    }
}

/// Where a block sends which images.
struct Target<'t> {
    region: &'t str,
    /// The entries whose images it sends.
    served: &'t [usize],
    /// The building account.
    account: &'t str,
}

impl Target<'_> {
    fn images(&self, images: &Value, place: &Place, draft: &mut Draft, ledger: &mut Ledger) {
        let mut fields = Fields::new(images, place);
        if let Some(key) = fields.text("kms_key_id", ledger) {
            self.key(key, &fields.place("kms_key_id"), draft, ledger);
        }
        self.name(&mut fields, draft, ledger);
        for permission in items(fields.take("launch_permission")) {
            self.permission(&permission, &place.key("launch_permission"), draft, ledger);
        }
        for id in fields.all_valid("target_account_ids", &valid::ACCOUNT, ledger) {
            self.consumer(&Consumer::Account { id, copy: true }, place, draft, ledger);
        }
        self.tags(&mut fields, draft, ledger);
        fields.take("description");
        fields.finish(ledger);
    }

    fn key(&self, key: String, place: &Place, draft: &mut Draft, ledger: &mut Ledger) {
        let is_of_region = key.contains(&format!(":{}:", self.region));
        if !(valid::KEY.fits)(&key) || !is_of_region {
            let why = format!("expected {} in {}", valid::KEY.expected, self.region);
            ledger.left(LeftKind::Invalid, place, &key, &why);
            return;
        }
        let show = Clone::clone;
        agree(
            &mut draft.region(self.region).key,
            Some(key),
            place,
            show,
            ledger,
        );
    }

    /// The name of the AMIs, if a pattern with the recipe name can be made of it.
    fn name(&self, fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
        let Some(name) = fields.text("name", ledger) else {
            return;
        };
        let place = fields.place("name");
        let recipe = self
            .served
            .first()
            .and_then(|index| draft.entries.get(*index));
        let recipe = recipe.map(|entry| entry.name.clone()).unwrap_or_default();
        let before = name.replace(DATE, "");
        let before = before.trim_end_matches([' ', '-', '_', '.']);
        let pattern = if !recipe.is_empty() && before.contains(&recipe) {
            before.replacen(&recipe, "{recipename}", 1)
        } else {
            format!("{before}-{{recipename}}")
        };
        if !(valid::AMI_NAME.fits)(&pattern) {
            let why = format!("expected {}", valid::AMI_NAME.expected);
            ledger.left(LeftKind::Invalid, &place, &name, &why);
            return;
        }
        if draft.shared.ami_name.is_none() {
            let why = "an AMI's name has the recipe name in it, and its build date at its end";
            ledger.decided(Some(&place), "ami-name", &pattern, why);
        }
        agree(
            &mut draft.shared.ami_name,
            Some(pattern),
            &place,
            Clone::clone,
            ledger,
        );
    }

    fn permission(&self, block: &Value, place: &Place, draft: &mut Draft, ledger: &mut Ledger) {
        let mut fields = Fields::new(block, place);
        for id in fields.all_valid("user_ids", &valid::ACCOUNT, ledger) {
            self.consumer(&Consumer::Account { id, copy: false }, place, draft, ledger);
        }
        for arn in fields.all_valid("organization_arns", &valid::ORGANIZATION, ledger) {
            self.consumer(&Consumer::Organization(arn), place, draft, ledger);
        }
        fields.unsupported(
            &["organizational_unit_arns"],
            "a unit needs its path below the organization, which the state does not say",
            "add a consumer with `organizational-unit` and `path`",
            ledger,
        );
        fields.unsupported(
            &["user_groups"],
            "an encrypted image cannot be made public",
            "add the accounts or the organization to `consumers`",
            ledger,
        );
        fields.finish(ledger);
    }

    fn consumer(&self, consumer: &Consumer, place: &Place, draft: &mut Draft, ledger: &mut Ledger) {
        if let Consumer::Account { id, .. } = consumer
            && id == self.account
        {
            let why = "the building account uses its own images";
            ledger.left(LeftKind::Unneeded, place, id, why);
            return;
        }
        let grant = Grant {
            consumer: consumer.clone(),
            region: Some(self.region.to_owned()),
        };
        for index in self.served {
            if let Some(entry) = draft.entries.get_mut(*index)
                && !entry.grants.contains(&grant)
            {
                entry.grants.push(grant.clone());
            }
        }
    }

    /// The AMIs' tags are those of each entry.
    fn tags(&self, fields: &mut Fields<'_>, draft: &mut Draft, ledger: &mut Ledger) {
        let mut given = Tags::new();
        tags::read(fields, "ami_tags", &mut given, ledger);
        for index in self.served {
            if let Some(entry) = draft.entries.get_mut(*index) {
                for (key, value) in &given {
                    entry
                        .tags
                        .entry(key.clone())
                        .or_insert_with(|| value.clone());
                }
            }
        }
    }
}

/// Parameters that Image Builder writes below `/imagebuilder/`. The recipe name must be in them.
fn parameters(
    fields: &mut Fields<'_>,
    region: &str,
    served: &[usize],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let place = fields.place("ssm_parameter_configuration");
    for block in items(fields.take("ssm_parameter_configuration")) {
        let name = block
            .get("parameter_name")
            .and_then(|name| name.text().ok())
            .unwrap_or_default();
        let mut recipes = served.iter().filter_map(|index| draft.entries.get(*index));
        let recipe = recipes
            .find(|entry| name.contains(&entry.name))
            .map(|entry| entry.name.clone());
        match recipe.filter(|_| name.starts_with("/imagebuilder/")) {
            Some(recipe) => {
                let pattern = name.replacen(&recipe, "{recipename}", 1);
                let parameters = &mut draft.region(region).parameters;
                if !parameters.contains(&pattern) {
                    let why = "Terraform must no longer write it; see docs/from-terraform.md";
                    ledger.decided(Some(&place), "ssm-parameters", &pattern, why);
                    parameters.push(pattern);
                }
            }
            None => ledger.hinted(
                LeftKind::Unsupported,
                &place,
                &name,
                "a parameter is below /imagebuilder/ and has the recipe name in its name",
                "read /goldsmith/<environment>/<recipename>/ami-id instead",
            ),
        }
    }
}

fn templates(
    fields: &mut Fields<'_>,
    region: &str,
    served: &[usize],
    draft: &mut Draft,
    ledger: &mut Ledger,
) {
    let place = fields.place("launch_template_configuration");
    for block in items(fields.take("launch_template_configuration")) {
        let id = block
            .get("launch_template_id")
            .and_then(|id| id.text().ok())
            .unwrap_or_default();
        let [index] = served else {
            let why = "several recipes would set one launch template";
            ledger.left(LeftKind::Unsupported, &place, &id, why);
            continue;
        };
        if !(valid::LAUNCH_TEMPLATE.fits)(&id) {
            let why = format!("expected {}", valid::LAUNCH_TEMPLATE.expected);
            ledger.left(LeftKind::Invalid, &place, &id, &why);
            continue;
        }
        let recipe = draft.entries[*index].name.clone();
        let recipe = valid::label(&recipe, 56, "image");
        let ids = draft.region(region).templates.entry(recipe).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}
