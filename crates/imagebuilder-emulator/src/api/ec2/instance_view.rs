//! How instances are shown.

use jiff::Timestamp;

use crate::{
    api::ec2::describe::product_codes,
    common::date::Date,
    records::ec2::instance::{End, Instance, InstanceState},
    wire::{ec2_answer, xml::Xml},
};

impl InstanceState {
    /// As an element with code and name.
    pub fn view(self, name: &'static str) -> Xml {
        Xml::new(name)
            .text("code", self.code())
            .text("name", self.as_str())
    }
}

impl Instance {
    /// As RunInstances and DescribeInstances show it; without addresses, volumes and placement.
    pub fn view(&self, now: Timestamp) -> Xml {
        let transition = self.end_begun(now).map(End::transition).unwrap_or_default();
        let reason = self.reason(now);
        let reason = reason.map(|(code, text)| {
            Xml::new("stateReason")
                .text("code", code)
                .text("message", text)
        });
        Xml::new("item")
            .text("instanceId", &self.id)
            .text("imageId", &self.image)
            .child(self.state(now).view("instanceState"))
            .text("reason", transition)
            .text("amiLaunchIndex", self.index)
            .child(product_codes(&self.traits.product_codes))
            .text("instanceType", &self.kind)
            .text("launchTime", Date(self.launched))
            .optional("platform", self.traits.platform.as_ref())
            .text("platformDetails", &self.traits.platform_details)
            .text("usageOperation", &self.traits.usage_operation)
            .children(self.network.view())
            .children(reason)
            .text("architecture", &self.traits.architecture)
            .text("rootDeviceType", "ebs")
            .text("rootDeviceName", &self.traits.root_device_name)
            .text("virtualizationType", "hvm")
            .text("hypervisor", "xen")
            .optional("clientToken", self.token.as_ref())
            .children(ec2_answer::tag_set(Some(&self.tags)))
    }
}
