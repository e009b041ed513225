//! What a new recipe version is made from, and the components in it.

use std::collections::BTreeMap;

use crate::arn::{ComponentBuildArn, Version, VersionArn};
use crate::desired::{ComponentDocument, ComponentRef, RecipeEntry};
use crate::names::Digest;
use crate::plan::change::{
    Action, ComponentWithParameters, CreateComponent, CreateRecipe, EncryptedDevice,
    RecipeComponent,
};
use crate::plan::reason::Refused;
use crate::plan::record::Plan;
use crate::plan::view::View;
use crate::resources::{self, RecipeContent, component_name};

/// What a new recipe version is made of.
pub(super) struct NewVersion {
    pub(super) content: RecipeContent,
    pub(super) digest: Digest,
    /// As `parentImage` has it.
    pub(super) parent: String,
    pub(super) devices: Vec<EncryptedDevice>,
}

/// Makes the next version of a recipe; its ARN.
pub(super) fn create_recipe(
    view: View<'_>,
    entry: &RecipeEntry,
    new: NewVersion,
    components: &mut Components,
    plan: &mut Plan,
) -> VersionArn {
    let NewVersion {
        content,
        digest,
        parent,
        devices,
    } = new;
    let next = Version::after(view.versions_named(&content.name));
    let arn = view.stack.recipe_arn(&content.name, next);
    let components = components.of(view, entry, plan);
    plan.change(Action::CreateRecipe(CreateRecipe {
        arn: arn.clone(),
        name: content.name,
        parent,
        components,
        devices,
        ami_tags: content.ami_tags,
        tags: resources::resource_tags(view.desired, &digest),
    }));
    arn
}

/// The component builds that a plan uses, by name: each is created at most once.
#[derive(Default)]
pub(super) struct Components(BTreeMap<String, ComponentBuildArn>);

impl Components {
    /// The components of a recipe, in order; those of ours that are missing are made.
    fn of(
        &mut self,
        view: View<'_>,
        entry: &RecipeEntry,
        plan: &mut Plan,
    ) -> Vec<ComponentWithParameters> {
        let all = resources::components(view.desired, view.stack, entry);
        all.map(|used| {
            let component = match &used.component {
                ComponentRef::Arn(arn) => RecipeComponent::Foreign(arn.clone()),
                ComponentRef::Document(document) => {
                    RecipeComponent::Ours(self.build_of(view, document, plan))
                }
            };
            ComponentWithParameters {
                component,
                parameters: used.parameters.clone(),
            }
        })
        .collect()
    }

    /// The build of our component with this document's content, made if there is none.
    fn build_of(
        &mut self,
        view: View<'_>,
        document: &ComponentDocument,
        plan: &mut Plan,
    ) -> ComponentBuildArn {
        let name = component_name(view.desired, &document.stem);
        report_forged(view, document, plan);
        let planned = self.0.get(&name).cloned();
        let arn = planned
            .or_else(|| existing_build(view, document))
            .unwrap_or_else(|| create_component(view, document, &name, plan));
        self.0.insert(name, arn.clone());
        arn
    }
}

/// The newest build of ours that says what the document says.
fn existing_build(view: View<'_>, document: &ComponentDocument) -> Option<ComponentBuildArn> {
    let tagged = view.builds_tagged_as(document);
    let says = |arn: &&ComponentBuildArn| view.says(arn) == Some(&document.digest);
    tagged.filter(says).max().cloned()
}

/// Names the builds that carry a reviewed document's digest and say something else: somebody made them under
/// our name, so that the next recipe would run them.
fn report_forged(view: View<'_>, document: &ComponentDocument, plan: &mut Plan) {
    for arn in view.builds_tagged_as(document) {
        if view
            .says(arn)
            .is_some_and(|digest| *digest != document.digest)
        {
            let key = document.key.clone();
            plan.refuse(arn, Refused::ForgedComponent(key));
        }
    }
}

fn create_component(
    view: View<'_>,
    document: &ComponentDocument,
    name: &str,
    plan: &mut Plan,
) -> ComponentBuildArn {
    let next = Version::after(
        view.builds_of(name)
            .map(|component| component.arn.version()),
    );
    let arn = ComponentBuildArn::first_of(view.stack.component_arn(name, next));
    plan.change(Action::CreateComponent(CreateComponent {
        arn: arn.clone(),
        name: name.to_owned(),
        description: document.key.clone(),
        platform: document.platform,
        data: document.data.clone(),
        tags: resources::resource_tags(view.desired, &document.digest),
    }));
    arn
}
